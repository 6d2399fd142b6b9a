import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { migrate } from '@countermand/database'
import { kitMigrations } from '@countermand/service'
import { createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { breakableWay } from '@countermand/testing/breakable-way.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { bankTransfer } from '../channels/bank-transfer.ts'
import type { Channel, RefundCall } from '../channels/channel.ts'
import { type BankTransfers, openBankTransfers } from './bank-transfers.ts'
import { store } from './store.ts'

/** A refund to a bank account, from the wish to its end: the channel, the people's program and the bank's files, on a real database. */

const program = fileURLToPath(new URL('../channels/bank/main.ts', import.meta.url))
const iban = 'NL91ABNA0417164300'

let test: TestDatabase
let transfers: BankTransfers
let channel: Channel
let folder: string
beforeAll(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.payment, 'bank_transfers')
  await migrate(test.database, { ...kitMigrations, ...store.migrations })
  transfers = openBankTransfers(test.url, () => undefined)
  const nobody = () => Promise.reject(new Error('nobody is asked'))
  channel = bankTransfer.open({ sandbox: { refund: nobody, status: nobody }, bank: transfers.desk })
  folder = await mkdtemp(join(tmpdir(), 'bank-'))
})
afterAll(async () => {
  await transfers?.close()
  await test?.drop()
  await rm(folder, { recursive: true, force: true })
})

const path = (name: string) => join(folder, name)
const run = (command: string, options: Readonly<Record<string, string>> = {}, url = test.url) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
    const env = { ...process.env, PAYMENT_DATABASE_URL: url }
    const child = execFile(process.execPath, [program, command, ...given], { env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    )
  })

const call = (refundId: string, amount = 3351): RefundCall => ({
  ...{ refundId, orderId: `ord-${refundId}`, tenderId: 't1', account: 'bank-transfer', paymentRef: 'p1', amount },
  ...{ paidTotal: amount, operation: 'refund', currency: 'EUR', destination: 'bank-transfer', round: 1 },
  idempotencyKey: refundId,
})
const how = async (refundId: string) => (await channel.status(call(refundId))).outcome

const create = async (out: string, ...refundIds: readonly string[]) => {
  await writeFile(path('payees.json'), JSON.stringify(refundIds.map((refundId) => ({ refundId, name: 'Zoë', iban }))))
  await writeFile(path('debtor.json'), JSON.stringify({ name: 'Shop', iban: 'DE89370400440532013000' }))
  const said = await run('create', {
    payees: path('payees.json'),
    debtor: path('debtor.json'),
    out: path(out),
    by: 'ana',
  })
  expect(said).toMatchObject({ code: 0, stderr: '' })
  return { batch: /bat_\w+/.exec(said.stdout)?.[0] ?? '', file: path(out) }
}
const camt = (refundId: string, side: 'DBIT' | 'CRDT') =>
  `<Document><BkToCstmrDbtCdtNtfctn><Ntfctn><Ntry><CdtDbtInd>${side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><NtryDtls><TxDtls><Refs><EndToEndId>${refundId}</EndToEndId></Refs><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`
const bankSays = async (text: string) => {
  await writeFile(path('answer.xml'), text)
  return await run('import', { file: path('answer.xml'), by: 'ana' })
}

it('waits for two people, leaves once, and is what the bank says of it', async () => {
  expect(await how('ref_a')).toBe('absent')
  for (const again of [1, 2]) expect((await channel.refund(call('ref_a'))).outcome, `${again}`).toBe('pending')
  await channel.refund(call('ref_without_payee', 5))
  const { batch, file } = await create('one.xml', 'ref_a', 'ref_nobody_wanted')
  expect(await readFile(file, 'utf8')).toContain(iban)

  const same = await run('approve', { batch, file, by: 'Ana' })
  expect(same).toMatchObject({ code: 2, stderr: expect.stringContaining('somebody else has to approve it') })
  const early = await run('send', { batch, file, to: folder, by: 'ana' })
  expect(early).toMatchObject({ code: 2, stderr: expect.stringContaining('is not approved') })
  await writeFile(path('other.xml'), (await readFile(file, 'utf8')).replace(iban, 'DE89370400440532013000'))
  const changed = await run('approve', { batch, file: path('other.xml'), by: 'ben' })
  expect(changed).toMatchObject({ code: 2, stderr: expect.stringContaining('not the one that ana prepared') })

  expect(await run('approve', { batch, file, by: 'ben' })).toMatchObject({ code: 0 })
  const both = await Promise.all([1, 2].map(() => run('send', { batch, file, to: folder, by: 'ben' })))
  expect(both.map(({ code }) => code).toSorted()).toEqual([0, 2])
  expect(await readFile(path(`${batch}.xml`), 'utf8')).toBe(await readFile(file, 'utf8'))
  expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([])
  expect(await how('ref_a')).toBe('pending')

  const booked = await bankSays(camt('ref_a', 'DBIT'))
  expect(booked).toMatchObject({ code: 0, stdout: expect.stringContaining('1 of them are news') })
  expect(await channel.status(call('ref_a'))).toMatchObject({ outcome: 'succeeded', providerRef: 'ref_a' })
  expect((await bankSays(camt('ref_a', 'DBIT'))).stdout).toContain('0 of them are news')
  expect(await bankSays(camt('ref_a', 'CRDT'))).toMatchObject({ code: 0 })
  expect(await channel.status(call('ref_a'))).toEqual({ outcome: 'reversed', reason: 'the bank: AC04' })
})

it('is rejected with its batch, and what was discarded is due again', async () => {
  await channel.refund(call('ref_b'))
  const first = await create('two.xml', 'ref_b')
  expect(await run('discard', { batch: first.batch, by: 'ana' })).toMatchObject({ code: 0 })
  expect(await run('approve', { ...first, by: 'ben' })).toMatchObject({ code: 2 })
  const { batch, file } = await create('three.xml', 'ref_b')
  await run('approve', { batch, file, by: 'ben' })
  await run('send', { batch, file, to: folder, by: 'ben' })
  const report = `<Document><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>${batch}</OrgnlMsgId><GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>`
  expect(await bankSays(report)).toMatchObject({ code: 0 })
  expect(await channel.status(call('ref_b'))).toMatchObject({ outcome: 'refused', key: 'dead', cure: 'elsewhere' })
  const late = await bankSays(camt('ref_b', 'DBIT'))
  expect(late).toMatchObject({ code: 1, stdout: expect.stringContaining('cannot be: ref_b: it was rejected') })
  expect(await bankSays(camt('ref_unknown', 'DBIT'))).toMatchObject({ code: 1 })
})

it('keeps what may have been sent, when the database’s answer to that is lost', async () => {
  const name = 'ref_unheard'
  await channel.refund(call(name))
  const { batch, file } = await create('unheard.xml', name)
  await run('approve', { batch, file, by: 'ben' })
  await sql`
    create function take_time() returns trigger language plpgsql as $$ begin perform pg_sleep(3); return null; end $$`.execute(
    test.database,
  )
  await sql`
    create constraint trigger slow_commit after update on bank_batches deferrable initially deferred
    for each row execute function take_time()`.execute(test.database)
  const way = await breakableWay(new URL(test.url))
  const sending = run('send', { batch, file, to: folder, by: 'ben' }, way.url)
  const commits = () =>
    sql`select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`.execute(
      test.database,
    )
  await eventually('it to commit', async () => (await commits()).rows.length > 0)
  way.cut()
  const said = await sending
  await eventually(
    'it to have counted',
    async () => (await how(name)) === 'pending' && (await commits()).rows.length === 0,
  )
  await sql`drop trigger slow_commit on bank_batches`.execute(test.database)
  way.close()
  const [partial = ''] = (await readdir(folder)).filter((each) => each.startsWith(batch) && each.endsWith('.partial'))
  expect(said).toMatchObject({ code: 2, stderr: expect.stringContaining(`rename ${path(partial)}`) })
  expect(await readFile(path(partial), 'utf8')).toBe(await readFile(file, 'utf8'))
  expect((await run('list')).stdout).toMatch(new RegExp(`${batch} .*sent by ben`))

  const away = await run('send', { batch, file, to: folder, by: 'ben' }, 'postgres://127.0.0.1:9/none')
  expect(away).toMatchObject({ code: 2, stderr: expect.stringContaining('to answer, it does not') })
  expect((await readdir(folder)).filter((each) => each.endsWith('.partial'))).toEqual([partial])
})

it('asks for another amount under the same refund for nothing', async () => {
  await channel.refund(call('ref_c'))
  await expect(channel.refund(call('ref_c', 1))).rejects.toThrow('is known as 3351 EUR')
})

it('says in one line what cannot be done, and no account number is in it, nor in the database', async () => {
  await writeFile(path('payees.json'), JSON.stringify([{ refundId: 'ref_c', name: 'Zoë', iban: 'NL00ABNA0417164300' }]))
  const options = { payees: path('payees.json'), debtor: path('debtor.json'), out: path('four.xml'), by: 'ana' }
  const wrong = await run('create', options)
  expect(wrong).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: .*expected an IBAN\n$/) })
  for (const [command, words] of [
    ['nothing', 'expected list, create'],
    ['send', 'expected --batch'],
  ] as const)
    expect(await run(command)).toMatchObject({ code: 2, stderr: expect.stringContaining(words) })

  const away = await run('list', {}, 'postgres://127.0.0.1:9/none')
  expect(away).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('PAYMENT_DATABASE_URL to answer, it does not'),
  })
  const nowhere = await run('list', {}, 'http://127.0.0.1')
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('expected a PostgreSQL address') })

  const { rows } = await sql<{ table_name: string }>`
    select table_name from information_schema.tables where table_schema = 'public'`.execute(test.database)
  for (const { table_name } of rows) {
    const kept = JSON.stringify((await sql`select * from ${sql.table(table_name)}`.execute(test.database)).rows)
    for (const personal of [iban, 'NL00ABNA', 'Zoë', 'Zoe']) expect(kept, table_name).not.toContain(personal)
  }
})
