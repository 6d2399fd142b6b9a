import { setTimeout as sleep } from 'node:timers/promises'
import { attributes } from '@countermand/workflows/src/protocol/search-attributes.ts'
import { securedTemporal, type TemporalServer } from '@countermand/workflows/src/temporal/security.ts'
import { Connection, isGrpcServiceError } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'

const typeNames = { KEYWORD: 'Keyword', BOOL: 'Bool' } as const

/** What sagas can be searched by, as the protocol has it, and its type as the server's commands name it. */
export const searchAttributes: Readonly<Record<string, 'Keyword' | 'Bool'>> = Object.fromEntries(
  Object.values(attributes).map(({ name, type }) => [name, typeNames[type]]),
)

/** Temporal's numbers for the types (`temporal.api.enums.v1.IndexedValueType`). */
const typeNumbers = { Keyword: 2, Bool: 5 } as const

/** gRPC's code for "there is no such thing". */
const notFound = 5

const hasNamespace = async (connection: Connection, namespace: string): Promise<boolean> => {
  try {
    await connection.workflowService.describeNamespace({ namespace })
    return true
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === notFound) return false
    throw error
  }
}

const wanted = Object.entries(searchAttributes).map(([name, type]) => [name, typeNumbers[type]] as const)

const addMissingAttributes = async (connection: Connection, namespace: string): Promise<void> => {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
  const wrong = wanted.filter(([name, type]) => (customAttributes?.[name] ?? type) !== type)
  if (wrong.length > 0) {
    const list = wrong.map(([name, type]) => `${name} of type ${type}, got type ${customAttributes?.[name]}`)
    throw new WrongAttributes(`search attributes of namespace ${namespace}: expected ${list.join('; ')}`)
  }
  const missing = wanted.filter(([name]) => customAttributes?.[name] === undefined)
  if (missing.length === 0) return
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing) })
}

/** Waiting does not mend a type. */
class WrongAttributes extends Error {}

export interface NamespaceOptions {
  /** How long closed workflows are kept: set on our own server; on another one only when the namespace is created. */
  readonly retentionDays: number
  readonly ours?: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const ensureOnce = async (connection: Connection, namespace: string, options: NamespaceOptions): Promise<void> => {
  const workflowExecutionRetentionTtl = msToTs(`${options.retentionDays} days`)
  if (!(await hasNamespace(connection, namespace))) {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: workflowExecutionRetentionTtl,
    })
  } else if (options.ours) {
    await connection.workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl } })
  }
  await addMissingAttributes(connection, namespace)
  // Fails until the attributes have reached the search itself.
  const query = Object.entries(searchAttributes).map(([name, type]) =>
    type === 'Bool' ? `${name} = true` : `${name} = 'x'`,
  )
  await connection.workflowService.countWorkflowExecutions({ namespace, query: query.join(' AND ') })
}

/**
 * Waits until the server answers for the namespace and searches by our attributes; creates of it what is missing. Throws what was last
 * met when that has not happened within `timeoutMs`, or when an attribute has another type.
 */
export const ensureNamespace = async (
  { address, security }: TemporalServer,
  namespace: string,
  options: NamespaceOptions,
): Promise<void> => {
  const deadline = performance.now() + options.timeoutMs
  const connection = Connection.lazy({ address, ...securedTemporal(security) })
  try {
    for (;;) {
      options.signal.throwIfAborted()
      try {
        await connection.withDeadline(Date.now() + 5_000, () => ensureOnce(connection, namespace, options))
        return
      } catch (cause) {
        if (cause instanceof WrongAttributes) throw cause
        if (performance.now() > deadline) {
          throw new Error(`expected Temporal's namespace ${namespace} at ${address} within ${options.timeoutMs} ms`, {
            cause,
          })
        }
        await sleep(100, undefined, { signal: options.signal })
      }
    }
  } finally {
    await connection.close()
  }
}

const differences = async (connection: Connection, namespace: string, retentionDays: number): Promise<string[]> => {
  if (!(await hasNamespace(connection, namespace))) return [`namespace ${namespace} is missing: run provision`]
  const { config } = await connection.workflowService.describeNamespace({ namespace })
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
  const keptDays = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / 86_400
  return [
    ...(keptDays >= retentionDays
      ? []
      : [
          `namespace ${namespace}: expected closed workflows to be kept ${retentionDays} days or more, got ${keptDays}`,
        ]),
    ...wanted.flatMap(([name, type]) => {
      const found = customAttributes?.[name]
      if (found === undefined) return [`namespace ${namespace}: search attribute ${name} is missing: run provision`]
      return found === type ? [] : [`namespace ${namespace}: expected ${name} of type ${type}, got type ${found}`]
    }),
  ]
}

/** What a namespace lacks of what sagas need, in words. Changes nothing; throws when the server does not answer. */
export const compareNamespace = async (
  { address, security }: TemporalServer,
  namespace: string,
  { retentionDays, timeoutMs }: Pick<NamespaceOptions, 'retentionDays' | 'timeoutMs'>,
): Promise<string[]> => {
  const connection = Connection.lazy({ address, ...securedTemporal(security) })
  try {
    return await connection.withDeadline(Date.now() + timeoutMs, () =>
      differences(connection, namespace, retentionDays),
    )
  } finally {
    await connection.close()
  }
}

/** The version of the server, as it says itself. */
export const temporalVersion = async ({ address, security }: TemporalServer): Promise<string> => {
  const connection = Connection.lazy({ address, ...securedTemporal(security) })
  try {
    const { serverVersion } = await connection.withDeadline(Date.now() + 5_000, () =>
      connection.workflowService.getSystemInfo({}),
    )
    return serverVersion ?? 'unknown'
  } finally {
    await connection.close()
  }
}
