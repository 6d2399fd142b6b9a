import { setTimeout as sleep } from 'node:timers/promises'
import { type ServiceName, serviceName } from '@countermand/contracts/vocabulary.ts'
import { checks as inventory } from '@countermand/inventory/store/checks.ts'
import { checks as logistics } from '@countermand/logistics/store/checks.ts'
import { allEnded, checks as order } from '@countermand/order/store/checks.ts'
import { checks as payment } from '@countermand/payment/store/checks.ts'
import { type Check, knownOf, type OffendingRow, offendingRows } from '@countermand/service/checks.ts'
import type { Run } from '../find/runs.ts'
import type { Databases } from '../reach/databases.ts'

/** A row for which a check does not hold. */
export interface Violation {
  readonly invariant: Check['invariant']
  readonly says: string
  readonly service: ServiceName
  readonly row: OffendingRow
}

export interface Verification {
  /** How many of the invariants were checked: all. */
  readonly checked: number
  readonly rules: number
  /** Requests that have ended, and sagas that have not. */
  readonly requests: number
  readonly openSagas: number
  readonly violations: readonly Violation[]
}

/** The six invariants, as far as each service's database can tell. */
export const rules: Readonly<Record<ServiceName, readonly Check[]>> = { order, inventory, logistics, payment }

const allRules = Object.values(rules).flat()

interface Reading {
  readonly requests: number
  readonly openSagas: number
  readonly violations: readonly Violation[]
}

/** Every run of a saga that Temporal keeps. */
export type ListRuns = () => Promise<readonly Run[]>

const isOpen = (run: Run): boolean => run.status === 'RUNNING'

const readOnce = async (databases: Databases, listRuns: ListRuns): Promise<Reading> => {
  const ended = await allEnded(databases.order)
  const runs = await listRuns()
  const ofSagas = runs.map(({ orderId, requestId, status, outcome }) => ({
    ...{ order_id: orderId, request_id: requestId, status, outcome },
  }))
  const known = knownOf(ended, ofSagas)
  const check = async (service: ServiceName, each: Check): Promise<Violation[]> => {
    const rows = await offendingRows(databases[service], each, known)
    return rows.map((row) => ({ invariant: each.invariant, says: each.says, service, row }))
  }
  // One at a time for each database: with many thousands of sagas a rule takes seconds, and the others would wait too long for a connection.
  const checkAll = async (service: ServiceName): Promise<Violation[]> => {
    const found: Violation[] = []
    for (const rule of rules[service]) found.push(...(await check(service, rule)))
    return found
  }
  const found = await Promise.all(serviceName.options.map(checkAll))
  return { requests: ended.length, openSagas: runs.filter(isOpen).length, violations: found.flat() }
}

const names = ['order_id', 'request_id', 'line_id', 'sku', 'shipment_id', 'tender_id', 'refund_id', 'idempotency_key']

/** The same row breaks the same rule, whatever else of it has changed. */
const identityOf = ({ service, says, row }: Violation): string =>
  JSON.stringify([service, says, ...names.map((name) => row[name])])

const readings = 4
const betweenMs = 700

/**
 * Checks the six invariants over the four databases, the sandbox's books and the sagas that are open. The databases are read one after
 * the other while sagas go on, so what seems to offend is read again, and counts when it offends every time.
 */
export const verify = async (databases: Databases, listRuns: ListRuns): Promise<Verification> => {
  let latest = await readOnce(databases, listRuns)
  let violations = latest.violations
  for (let reading = 1; reading < readings && violations.length > 0; reading += 1) {
    await sleep(betweenMs)
    latest = await readOnce(databases, listRuns)
    const before = new Set(violations.map(identityOf))
    violations = latest.violations.filter((each) => before.has(identityOf(each)))
  }
  const checked = new Set(allRules.map((rule) => rule.invariant)).size
  return { ...latest, checked, rules: allRules.length, violations }
}
