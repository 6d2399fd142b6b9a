import {
  acceptedOrder,
  type OperationAnswer,
  type OperationRequested,
  operationRequested,
  readEnvelope,
  type ShownLetter,
  topics,
} from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { eventually } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { listStuck } from '../store/attention.ts'
import { wholeLife } from './given.ts'
import { type Field, type Staffed, startStaffed } from './staffed.ts'

/** What operators do on their pages. What operations makes of it is tested where it is; here it says what a test wants it to. */

let staffed: Staffed
let db: Staffed['db']
let bus: Staffed['bus']
let base: string

beforeAll(async () => {
  staffed = await startStaffed(inject('stack'), 'console_operations')
  ;({ db, bus, base } = staffed)
})
afterAll(async () => {
  await staffed?.stop()
})

const named = (of: string) => `req-of-${of}`
const said = (of: string, type: string, amount: number) => {
  const found = wholeLife.find((each) => each.type === type) ?? expect.fail(type)
  return bus.event(found.type, of, { ...found.data, orderId: of, requestId: named(of), amount })
}
/** Orders whose cancellation is stuck. */
const stuck = async (amount: number, ...all: readonly string[]) => {
  await bus.send(
    all.flatMap((of) => [
      bus.event('order.accepted.v1', of, acceptedOrder.parse({ ...exampleOrder, orderId: of })),
      said(of, 'order.cancellation.started.v1', amount),
      said(of, 'order.cancellation.needs-attention.v1', amount),
    ]),
  )
  await eventually('all of them to be stuck', async () => {
    const found = (await listStuck(db.database, undefined, null, 1_000)).stuck.map(({ request }) => request.orderId)
    return all.every((of) => found.includes(of))
  })
}

const asked = (): OperationRequested[] =>
  bus.seen.flatMap((message) =>
    message.topic === topics.operationRequests ? [operationRequested.parse(readEnvelope(message).data)] : [],
  )
const askedOf = (operationId: string, dryRun: boolean) =>
  eventually(`${operationId} to be asked of operations`, () =>
    asked().find((each) => each.operationId === operationId && each.dryRun === dryRun),
  )
const answer = async (operationId: string, dryRun: boolean, said: OperationAnswer) => {
  const data = { operationId, dryRun, at: new Date().toISOString(), answer: said }
  await bus.send([bus.event('operation.answered.v1', operationId, data)])
}

const parked = { step: 'refund', direction: 'do', round: 1 } as const
/** What operations says of what is stuck: each may be done. */
const possible = ({ wanted }: OperationRequested): OperationAnswer => ({
  kind: 'sagas',
  sagas: ('sagas' in wanted ? wanted.sagas : []).map(({ orderId, requestId }) => ({
    ...{ orderId, requestId, result: 'would', text: 'possible', done: ['do hold-order: CancellationBegun'] },
    parked: {
      ...{ ...parked, reason: 'step-failed', error: '<b>away</b>', since: new Date().toISOString() },
      remedies: ['retry'],
    },
  })),
})

type Operator = 'eve' | 'hal'
type Browser = ReturnType<Staffed['browser']>
const signedIn = async (person: Operator): Promise<Browser> => {
  const browser = staffed.browser()
  await browser.signIn(person, '/attention')
  return browser
}
const pathOf = (url: string) => new URL(url).pathname
/** Chooses them on the page, and shows what operations says of it. */
const look = async (browser: Browser, way: string, ...of: readonly string[]) => {
  const fields: Field[] = [...of.map((each): Field => ['request', named(each)]), ['way', way]]
  const looking = await browser.post('/attention', '/attention', fields)
  expect(looking.text).toContain('Operations looks at it now')
  const operationId = pathOf(looking.url).split('/').at(-1) ?? ''
  await answer(operationId, true, possible(await askedOf(operationId, true)))
  await eventually('what would be done', async () => {
    const { text } = await browser.visit(looking.url)
    return text.includes('This would be done')
  })
  return { operationId, url: looking.url, path: pathOf(looking.url) }
}
/** Signs in again, as the page asks for. */
const proveAgain = async (browser: Browser, path: string, person: Operator) => {
  const { text } = await browser.visit(`${base}${path}`)
  const href = /href="(\/auth\/sign-in[?][^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? expect.fail(text)
  // Its provider knows them, and asks all the same.
  return browser.sayWho(await browser.visit(`${base}${href}`), person)
}

const deeds = async (operationId: string) => {
  const { rows } = await sql<{ name: string; deed: string; order_id: string; came: string }>`
    select name, deed, order_id, came from staff_deeds where batch = ${operationId}::uuid order by id`.execute(
    db.database,
  )
  return rows
}

it('shows what is stuck, what would be done about it, and what came of it', async () => {
  await stuck(1_391, 'ord-one')
  const eve = await signedIn('eve')
  const { text } = await eve.visit(`${base}/attention`)
  expect(text).toContain('ord-one')
  expect(text).toContain('the carrier is away')
  const { operationId, path, url } = await look(eve, 'retry', 'ord-one')
  const plan = await eve.visit(url)
  expect(plan.text).toContain('1 step is done already')
  expect(plan.text).toContain('&lt;b&gt;away')
  const silent = await eve.post(path, path, [['reason', ' ']])
  expect([silent.status, silent.text.includes('somebody will ask')]).toEqual([422, true])
  const sent = await eve.post(path, path, [['reason', 'it is back']])
  expect(sent.text).toContain('What came of it is shown here')
  const { wanted, by, reason, approvedBy } = await askedOf(operationId, false)
  expect({ wanted, by, reason, approvedBy }).toEqual({
    ...{ by: 'Eve', reason: 'it is back', approvedBy: undefined },
    wanted: { kind: 'retry', sagas: [{ orderId: 'ord-one', requestId: named('ord-one'), parked }] },
  })
  const done = {
    orderId: 'ord-one',
    requestId: named('ord-one'),
    result: 'done',
    text: 'it goes on',
    done: [],
  } as const
  await answer(operationId, false, { kind: 'sagas', sagas: [{ ...done, done: [] }] })
  await answer(operationId, false, { kind: 'refused', text: 'a later word' })
  await eventually('what came of it', async () => (await eve.visit(url)).text.includes('1 of 1 done'))
  expect(await deeds(operationId)).toEqual([{ name: 'Eve', deed: 'retry', order_id: 'ord-one', came: 'sent' }])
  expect((await eve.visit(`${base}/cases/ord-one`)).text).toMatch(/Tried again by operations: .*it is back/)
})

it('sends once what is sent twice, and nothing of what is not possible', async () => {
  await stuck(1_391, 'ord-twice')
  const eve = await signedIn('eve')
  const { operationId, path } = await look(eve, 'retry', 'ord-twice')
  const both = await Promise.all([1, 2].map(() => eve.post(path, path, [['reason', 'once']])))
  expect(both.filter(({ url }) => url.includes('was=again'))).toHaveLength(1)
  await askedOf(operationId, false)
  expect(asked().filter((each) => each.operationId === operationId && !each.dryRun)).toHaveLength(1)
  const looking = await eve.post('/attention', '/attention', [
    ['request', named('ord-twice')],
    ['way', 'undo'],
  ])
  const none = pathOf(looking.url)
  await answer(none.split('/').at(-1) ?? '', true, { kind: 'refused', text: 'the saga has ended' })
  await eventually('why not', async () => (await eve.visit(looking.url)).text.includes('Nothing of it is possible'))
  expect((await eve.post(none, none, [['reason', 'all the same']])).url).toContain('was=nothing')
})

it('has whoever does something dangerous prove again who they are, and back on the page', async () => {
  await stuck(1_000, 'ord-danger')
  const eve = await signedIn('eve')
  const { operationId, path } = await look(eve, 'store-credit', 'ord-danger')
  expect((await eve.visit(`${base}${path}`)).text).toContain('prove once more who you are')
  expect((await eve.post(path, path, [['reason', 'card closed']])).url).toContain('was=stale')
  const back = await proveAgain(eve, path, 'eve')
  expect([pathOf(back.url), back.text.includes('Give the money as store credit: 1 case')]).toEqual([path, true])
  await sql`update staff_sessions set authenticated_at = now() - interval '6 minutes'`.execute(db.database)
  expect((await eve.post(path, path, [['reason', 'card closed']])).url).toContain('was=stale')
  await proveAgain(eve, path, 'eve')
  expect((await eve.post(path, path, [['reason', 'card closed']])).text).toContain('Sent by Eve')
  expect((await askedOf(operationId, false)).wanted).toMatchObject({ decision: 'refund-elsewhere', to: 'store-credit' })
})

it('sends nothing of a large sum before a second person has approved it, of whom the first one counts', async () => {
  await stuck(1_391, 'ord-large-1', 'ord-large-2')
  const [eve, hal] = await Promise.all([signedIn('eve'), signedIn('hal')])
  const { operationId, path, url } = await look(eve, 'skip', 'ord-large-1', 'ord-large-2')
  await proveAgain(eve, path, 'eve')
  const proposed = await eve.post(path, path, [['reason', 'paid by hand']])
  expect(proposed.text).toContain('You cannot approve what is your own')
  expect((await eve.post(path, `${path}/approval`, [])).url).toContain('was=own')
  expect((await hal.visit(`${base}/attention`)).text).toContain('Waits for a second person')
  expect((await hal.post(path, `${path}/approval`, [])).url).toContain('was=stale')
  expect(asked().some((each) => each.operationId === operationId && !each.dryRun)).toBe(false)
  await proveAgain(hal, path, 'hal')
  const both = await Promise.all([1, 2].map(() => hal.post(path, `${path}/approval`, [])))
  expect(both.filter((each) => each.url.includes('was=gone'))).toHaveLength(1)
  expect(await askedOf(operationId, false)).toMatchObject({ by: 'Eve', approvedBy: 'Hal', reason: 'paid by hand' })
  expect(asked().filter((each) => each.operationId === operationId && !each.dryRun)).toHaveLength(1)
  expect((await eve.visit(url)).text).toMatch(/Sent by Eve[\s\S]*Approved by Hal/)
  expect((await deeds(operationId)).map(({ name, deed, came }) => [name, deed, came])).toEqual([
    ...[1, 2].map(() => ['Eve', 'skip', 'proposed']),
    ...[1, 2].map(() => ['Hal', 'second', 'done']),
    ...[1, 2].map(() => ['Eve', 'skip', 'sent']),
  ])
})

it('sends nothing of a large sum in parts either', async () => {
  await stuck(1_391, 'ord-part-1', 'ord-part-2')
  const hal = await signedIn('hal')
  const first = await look(hal, 'skip', 'ord-part-1')
  await proveAgain(hal, first.path, 'hal')
  expect((await hal.post(first.path, first.path, [['reason', 'paid by hand']])).text).toContain('Sent by Hal')
  const second = await look(hal, 'skip', 'ord-part-2')
  expect((await hal.visit(second.url)).text).toContain('Propose: ')
  const proposed = await hal.post(second.path, second.path, [['reason', 'paid by hand']])
  expect(proposed.text).toContain('You cannot approve what is your own')
  expect(asked().some(({ operationId, dryRun }) => operationId === second.operationId && !dryRun)).toBe(false)
})

it('lets a proposal be, by whoever was asked to approve it', async () => {
  await stuck(1_391, 'ord-let-1', 'ord-let-2')
  const [eve, hal] = await Promise.all([signedIn('eve'), signedIn('hal')])
  const { operationId, path } = await look(eve, 'retry', 'ord-let-1', 'ord-let-2')
  await proveAgain(eve, path, 'eve')
  await eve.post(path, path, [['reason', 'perhaps']])
  expect((await hal.post(path, `${path}/refusal`, [])).text).toContain('Not sent: Hal let it be.')
  await proveAgain(hal, '/attention', 'hal').catch(() => undefined)
  expect((await hal.post(path, `${path}/approval`, [])).url).toContain('was=gone')
  expect(asked().some((each) => each.operationId === operationId && !each.dryRun)).toBe(false)
})

it('does nothing that cannot be written down', async () => {
  await stuck(1_391, 'ord-unwritten')
  const eve = await signedIn('eve')
  const { operationId, path } = await look(eve, 'retry', 'ord-unwritten')
  await sql`alter table staff_deeds add constraint unwritten check (order_id <> 'ord-unwritten')`.execute(db.database)
  expect((await eve.post(path, path, [['reason', 'x']])).status).toBe(500)
  await sql`alter table staff_deeds drop constraint unwritten`.execute(db.database)
  expect((await eve.post(path, path, [['reason', 'x']])).text).toContain('Sent by Eve')
  await askedOf(operationId, false)
  expect(asked().filter((each) => each.operationId === operationId && !each.dryRun)).toHaveLength(1)
})

/** Answers what a page asks while it is loaded. */
const answering = async <Result>(kind: string, said: OperationAnswer, load: () => Promise<Result>): Promise<Result> => {
  const before = asked().length
  const loading = load()
  const { operationId } = await eventually(`${kind} to be asked`, () =>
    asked()
      .slice(before)
      .find((each) => each.wanted.kind === kind),
  )
  await answer(operationId, true, said)
  return loading
}

it('says how the system is, and holds intake with a reason', async () => {
  const eve = await signedIn('eve')
  expect((await eve.visit(`${base}/system`)).text).toContain('has not said anything within the last hour')
  const at = new Date().toISOString()
  const intake = { paused: true, by: 'Hal <b>', reason: 'the bank is away', since: at, held: 7 }
  const state: OperationAnswer = { kind: 'system', system: { at, intake, open: 3, unread: [] } }
  const late = await eventually('it to be asked', () => asked().find(({ wanted }) => wanted.kind === 'look-system'))
  await answer(late.operationId, true, state)
  await eventually('what it said late', async () => {
    const { text } = await eve.visit(`${base}/system`)
    return text.includes('Held by Hal &lt;b&gt;') && text.includes('7 wait in Kafka')
  })
  const paused = await eve.post('/attention', '/system/intake', [
    ['to', 'pause'],
    ['reason', 'the bank is away'],
  ])
  const operationId = pathOf(paused.url).split('/').at(-1) ?? ''
  expect(await askedOf(operationId, false)).toMatchObject({ wanted: { kind: 'pause-intake' }, by: 'Eve' })
  await answer(operationId, false, { kind: 'intake', result: 'nothing-done', text: 'it was paused by Hal', intake })
  await eventually('what came of it', async () => (await eve.visit(paused.url)).text.includes('it was paused by Hal'))
  expect((await deeds(operationId)).map(({ deed }) => deed)).toEqual(['pause-intake'])
})

it('shows dead letters, looks at what a redrive would do, and discards with a reason', async () => {
  const eve = await signedIn('eve')
  const letterId = 'orders.placed.v1:0:12'
  const letter: ShownLetter = {
    ...{ letterId, topic: 'orders.placed.v1', key: 'ord-<i>', reason: 'invalid-data', error: 'no sum' },
    ...{ service: 'order', failedAt: new Date().toISOString(), state: 'open', redrives: 0 },
  }
  const all: OperationAnswer = { kind: 'letters', letters: [letter], all: 1 }
  const list = await answering('look-letters', all, () => eve.visit(`${base}/dead-letters`))
  expect(list.text).toContain('ord-&lt;i&gt;')
  const value = '{\n"a": 1\r}'
  const one: OperationAnswer = { kind: 'letter', letter: { ...letter, value, headers: [], failures: [], log: [] } }
  const path = `/dead-letters/${encodeURIComponent(letterId)}`
  const shown = await answering('look-letter', one, () => eve.visit(`${base}${path}`))
  expect(shown.text).toContain('It may hold what customers wrote')
  const same = await eve.post('/attention', `${path}/redrive`, [['value', value.replaceAll(/[\r\n]/g, '\r\n')]])
  const asItWas = await askedOf(pathOf(same.url).split('/').at(-1) ?? '', true)
  expect(asItWas.wanted).toEqual({ kind: 'redrive', letterId })
  const edited = await eve.post('/attention', `${path}/redrive`, [['value', '{"a": 2}']])
  const editing = await askedOf(pathOf(edited.url).split('/').at(-1) ?? '', true)
  expect(editing.wanted).toEqual({ kind: 'redrive', letterId, value: '{"a": 2}' })
  await answer(editing.operationId, true, { kind: 'handled', letterId, result: 'would', text: 'it goes there' })
  await eventually('it to be dangerous', async () => (await eve.visit(edited.url)).text.includes('prove once more'))
  const widest = await eve.post('/attention', `${path}/redrive`, [['value', '税'.repeat(16_000)]])
  expect(widest.text).toContain('税'.repeat(16_000))
  const long = await eve.post('/attention', `${path}/redrive`, [['value', 'x'.repeat(16_001)]])
  expect([long.status, long.text.includes('at most 16,000 characters')]).toEqual([422, true])
  expect((await eve.visit(`${base}/dead-letters/nothing`)).status).toBe(404)
  const discarded = await eve.post('/attention', `${path}/discard`, [['reason', 'a test of checkout']])
  const discarding = await askedOf(pathOf(discarded.url).split('/').at(-1) ?? '', false)
  expect(discarding).toMatchObject({ wanted: { kind: 'discard', letterId }, reason: 'a test of checkout' })
})
