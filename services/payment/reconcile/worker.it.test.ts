import { migrate } from '@countermand/database'
import { openReadOnly } from '@countermand/database/read-only.ts'
import { kitMigrations } from '@countermand/service/migrations.ts'
import { createLogger } from '@countermand/telemetry'
import { createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { ChannelError, type Listed } from '../channels/channel.ts'
import { channels } from '../channels/index.ts'
import { openDifferences, reconciliationOf } from '../store/facts.ts'
import { differences } from '../store/measures.ts'
import { saveAsked } from '../store/reconciliations.ts'
import { store } from '../store/store.ts'
import { startReconciler } from './worker.ts'

let test: TestDatabase
let reading: ReturnType<typeof openReadOnly>
let worker: ReturnType<typeof startReconciler>

const at = '2026-11-20T10:00:00.000Z'
const span = { from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' }
const listed: Record<'card' | 'wallet', Listed[] | Error | (() => Promise<Listed[]>)> = { card: [], wallet: [] }
/** Under a name that only we give, of an order that nobody has heard of. */
const stranger: Listed = {
  ...{ kind: 'refund', providerRef: 'k1', askedAs: `ref_${'0'.repeat(24)}`, paymentRefs: ['pay_1'], at },
  ...{ amount: 100, currency: 'EUR', state: 'succeeded' },
}
const fee: Listed = { kind: 'fee', providerRef: 'txn_1', amount: 25, currency: 'EUR', at }

beforeAll(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.payment, 'reconciler')
  await migrate(test.database, { ...kitMigrations, ...store.migrations })
  reading = openReadOnly('payment', test.url)
  const nobody = () => Promise.reject(new Error('nobody'))
  const all = channels({ sandbox: { refund: nobody, status: nobody } })
  const lists = (which: keyof typeof listed) => ({
    async *list() {
      const given = listed[which]
      const says = typeof given === 'function' ? await given() : given
      if (says instanceof Error) throw says
      yield* says
    },
  })
  worker = startReconciler({
    databaseUrl: test.url,
    channels: {
      ...all,
      'sandbox-card': { ...all['sandbox-card'], ...lists('card') },
      'sandbox-wallet': { ...all['sandbox-wallet'], ...lists('wallet') },
    },
    accounts: { names: () => [], find: () => undefined },
    log: createLogger({ name: 'reconciler-test', level: 'silent' }),
    leaseMs: 4_000,
  })
})
afterAll(async () => {
  await worker?.stop()
  await reading?.close()
  await test?.drop()
})

const ask = (reconciliationId: string, account?: string) =>
  test.database
    .transaction()
    .execute((tx) => saveAsked(tx, [{ reconciliationId, ...span, ...(account && { account }), by: 'ana', at }]))
const done = (id: string) =>
  eventually(`${id} to be done`, async () => {
    const found = await reconciliationOf(reading.database, id)
    return found?.doneAt === null ? undefined : found
  })
const inSuspense = async () =>
  (await differences.read(test.database))
    .filter(({ gauge }) => gauge === 'countermand_suspense')
    .map(({ value }) => value)
const posted = async (kind: string) => {
  const { rows } = await sql<{ amount: number }>`
    select sum(amount)::bigint as amount from accounts join entries using (account_id) where kind = ${kind}`.execute(
    test.database,
  )
  return rows[0]?.amount
}

it('keeps what differs until it does not any more, says so again when it does, and posts a fee once', async () => {
  listed.card = [stranger, fee]
  await ask('rec-1', 'sandbox-card')
  expect((await done('rec-1')).results).toMatchObject([
    { account: 'sandbox-card', listed: 1, differences: [{ kind: 'missing-here', providerRef: 'k1' }] },
  ])
  expect([await inSuspense(), await posted('fees')]).toEqual([[100], 25])
  await ask('rec-2', 'sandbox-card')
  await done('rec-2')
  expect([await inSuspense(), await posted('fees')]).toEqual([[100], 25])
  expect(await openDifferences(reading.database)).toMatchObject([{ account: 'sandbox-card', count: 1 }])

  listed.card = [fee]
  await ask('rec-3', 'sandbox-card')
  expect((await done('rec-3')).results).toMatchObject([{ differences: [] }])
  expect([await inSuspense(), await openDifferences(reading.database)]).toEqual([[], []])

  listed.card = [stranger, fee]
  await ask('rec-4', 'sandbox-card')
  await done('rec-4')
  expect([await inSuspense(), (await openDifferences(reading.database)).length]).toEqual([[100], 1])
})

it('compares the others where one provider cannot be asked, and says which', async () => {
  listed.card = new ChannelError('the sandbox is away', 'unknown')
  await ask('rec-5')
  const { accounts, results, error } = await done('rec-5')
  expect(accounts).toEqual(['sandbox-card', 'sandbox-wallet'])
  expect([results.map(({ account }) => account), error]).toEqual([
    ...[['sandbox-wallet'], 'sandbox-card: the sandbox is away'],
  ])
})

it('goes on where one that died has left off', async () => {
  listed.card = new ChannelError('asked again', 'unknown')
  const result = { account: 'sandbox-card', listed: 7, matched: 7, inFlight: 0, others: 0, fees: [], differences: [] }
  await sql`insert into reconciliations (reconciliation_id, from_at, to_at, dry_run, by, asked_at, lease_token, lease_until, results)
    values ('rec-6', ${span.from}, ${span.to}, false, 'ana', ${at}, 'another', now() - interval '1 second', ${JSON.stringify([result])}::jsonb)`.execute(
    test.database,
  )
  const { results, error } = await done('rec-6')
  expect([results.map(({ account }) => account), error]).toEqual([['sandbox-card', 'sandbox-wallet'], null])
})

it('keeps its lease while a provider is slow', async () => {
  const leases: string[] = []
  listed.card = async () => {
    await eventually('the lease to be renewed', async () => {
      const { rows } = await sql<{ until: string }>`
        select lease_until::text as until from reconciliations where reconciliation_id = 'rec-7'`.execute(test.database)
      const until = rows[0]?.until
      if (until !== undefined && until !== leases.at(-1)) leases.push(until)
      return leases.length > 2
    })
    return [fee]
  }
  await ask('rec-7', 'sandbox-card')
  expect((await done('rec-7')).error).toBeNull()
  expect(leases).toEqual(leases.toSorted())
})

it('never changes a word', async () => {
  await expect(sql`update difference_words set by = 'bob'`.execute(test.database)).rejects.toThrow(/only to grow/)
  await expect(sql`delete from differences`.execute(test.database)).rejects.toThrow(/only to grow/)
})
