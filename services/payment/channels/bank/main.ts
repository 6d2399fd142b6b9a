import { createHash, randomBytes } from 'node:crypto'
import { link, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { jsonIn } from '@countermand/contracts/json.ts'
import { isInfrastructureError } from '@countermand/database'
import { withPasswordFiles } from '@countermand/settings/secured.ts'
import { electronicFormatIBAN, isValidBIC, isValidIBAN } from 'ibantools'
import { z } from 'zod'
import { paymentSettings } from '../../settings.ts'
import { type BankTransfers, openBankTransfers } from '../../store/bank-transfers.ts'
import { readBankFile, Unusable } from './bank-answers.ts'
import { approve, discard, NotNow, send } from './batch.ts'
import { type CreditTransfer, decimal, pain001, sepaText } from './pain001.ts'

/**
 * `npm run bank-file`: refunds to bank accounts leave by a file that two people have looked at. It works on payment's own database; names
 * and account numbers of customers are read from a file of the shop's, and are in the file that leaves, and nowhere else.
 */

const help = `Usage: bank-file <command> [options]

Refunds to bank accounts leave by a file (ISO 20022 pain.001) that two people have looked at.

  list    [--json]                                              batches, and how many transfers are due
  create  --payees <json> --debtor <json> --out <xml> --by <who>   takes what is due, and has a payee, into a batch
          [--currency EUR] [--merchant <id>] [--on <date>]
  approve --batch <id> --file <xml> --by <who>                  somebody else than who created it
  send    --batch <id> --file <xml> --to <folder> --by <who>    puts the file there, once
  discard --batch <id> --by <who>                               its transfers are due again; not once it was sent
  import  --file <xml> --by <who>                               what the bank says: pain.002, camt.053, camt.054

payees: [{ "refundId": "ref_…", "name": "…", "iban": "…" }]   debtor: { "name": "…", "iban": "…", "bic": "…" }
PAYMENT_DATABASE_URL says which database, PAYMENT_DATABASE_PASSWORD_FILE where its password is.

Exit codes: 0 done, 1 something in the bank's file cannot be, 2 wrong use or not now.`

class Misused extends Error {}

const iban = z
  .string()
  .transform((text) => electronicFormatIBAN(text) ?? '')
  .refine((text) => isValidIBAN(text), 'expected an IBAN')
/** A name that a bank can write, not an empty one. */
const name = z.string().refine((text) => sepaText(text, 70) !== '', 'expected a name that a bank can write')
const payees = z.array(z.object({ refundId: z.string(), name, iban }))
const debtor = z.object({
  name,
  iban,
  bic: z
    .string()
    .refine((text) => isValidBIC(text), 'expected a BIC')
    .exactOptional(),
})

const text = { type: 'string' } as const
const options = {
  payees: text,
  debtor: text,
  out: text,
  by: text,
  currency: text,
  merchant: text,
  on: text,
  batch: text,
  file: text,
  to: text,
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

const parsed = () => {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    return { values, command: positionals.length > 1 ? '' : (positionals[0] ?? '') }
  } catch (error) {
    throw new Misused(error instanceof Error ? error.message : String(error))
  }
}
type Given = ReturnType<typeof parsed>['values']

const needed = (given: Given, option: 'payees' | 'debtor' | 'out' | 'by' | 'batch' | 'file' | 'to'): string => {
  const value = given[option]?.trim() ?? ''
  if (value === '') throw new Misused(`expected --${option}, got none`)
  return value
}

const bytesOf = (path: string): Promise<Buffer> =>
  readFile(path).catch((error: Error) => {
    throw new Misused(`expected a file at ${path}: ${error.message}`)
  })
const digestOf = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')

/** Its words name places, never what stands there. */
const readAs = async <Type>(schema: z.ZodType<Type>, path: string): Promise<Type> => {
  const read = schema.safeParse(jsonIn((await bytesOf(path)).toString('utf8')))
  if (read.success) return read.data
  const words = read.error.issues.map(({ path: place, message }) => `${place.map(String).join('.')}: ${message}`)
  throw new Misused(`${path}: ${words.join('; ')}`)
}

const say = (line: string) => process.stdout.write(`${line}\n`)

const list = async (transfers: BankTransfers, { json = false }: Given) => {
  const due = await transfers.dueByCurrency()
  if (json) {
    say(JSON.stringify({ batches: await transfers.batches(), due: Object.fromEntries(due) }, null, 2))
    return 0
  }
  for (const { batchId, preparedBy, approvedBy, sentBy, discardedBy, transfers: count } of await transfers.batches()) {
    const steps = [
      ['prepared', preparedBy],
      ['approved', approvedBy],
      ['sent', sentBy],
      ['discarded', discardedBy],
    ] as const
    say(
      `${batchId}  ${count} transfers, ${steps.flatMap(([what, by]) => (by === undefined ? [] : [`${what} by ${by}`])).join(', ')}`,
    )
  }
  for (const [currency, count] of due) say(`due: ${count} in ${currency}`)
  return 0
}

const create = async (transfers: BankTransfers, given: Given): Promise<number> => {
  const { currency = 'EUR', merchant, on = new Date().toISOString().slice(0, 10) } = given
  if (!/^[A-Z]{3}$/.test(currency)) throw new Misused(`expected a currency such as EUR, got ${currency}`)
  if (!z.iso.date().safeParse(on).success) throw new Misused(`expected a date such as 2026-12-01, got ${on}`)
  const [by, out] = [needed(given, 'by'), needed(given, 'out')]
  const to = new Map((await readAs(payees, needed(given, 'payees'))).map((each) => [each.refundId, each]))
  const from = await readAs(debtor, needed(given, 'debtor'))
  const due = await transfers.due(currency, merchant)
  const batchId = `bat_${randomBytes(12).toString('hex')}`
  let sum = 0
  const wanted = due.flatMap(({ refundId }) => (to.has(refundId) ? [refundId] : []))
  const count = await transfers.create({ batchId, preparedBy: by }, wanted, async (taken) => {
    const rows = taken.flatMap(({ refundId, orderId, amount }): CreditTransfer[] => {
      const payee = to.get(refundId)
      return payee === undefined ? [] : [{ ...payee, refundId, orderId, amount, currency }]
    })
    sum = rows.reduce((total, { amount }) => total + amount, 0)
    const text = pain001({ batchId, debtor: from, transfers: rows, at: new Date().toISOString(), on })
    await writeFile(out, text, { flag: 'wx', mode: 0o600 })
    return digestOf(text)
  })
  const rest = due.length - count
  if (count === 0) throw new NotNow(`nothing is due in ${currency} that has a payee; ${rest} transfers have none`)
  say(`${batchId}: ${count} transfers, ${decimal(sum, currency)} ${currency}, in ${out}`)
  if (rest > 0) say(`${rest} are due, and have no payee`)
  say(`somebody else than ${by} has to approve it: bank-file approve --batch ${batchId} --file ${out} --by <who>`)
  return 0
}

const known = <Found>(found: Found | undefined, batchId: string): Found => {
  if (found === undefined) throw new NotNow(`there is no batch ${batchId}`)
  return found
}

const approved = async (transfers: BankTransfers, given: Given) => {
  const [batchId, by, file] = [needed(given, 'batch'), needed(given, 'by'), needed(given, 'file')]
  const digest = digestOf(await bytesOf(file))
  known(await transfers.decide(batchId, (batch) => approve(batch, digest, by)), batchId)
  say(`${batchId} is approved by ${by}`)
  return 0
}

/**
 * First it is written beside its place, then it counts as sent, then it gets its name: whoever picks files up finds it once. What ends
 * between the last two leaves a `.partial` of a batch that is sent, as does a database whose answer to that is lost.
 */
const sent = async (transfers: BankTransfers, given: Given) => {
  const [batchId, by] = [needed(given, 'batch'), needed(given, 'by')]
  const bytes = await bytesOf(needed(given, 'file'))
  // Nothing is written anywhere while the database is away.
  await transfers.ofBatch(batchId)
  const place = join(needed(given, 'to'), `${batchId.replaceAll(/\W/g, '')}.xml`)
  const partial = `${place}.${randomBytes(4).toString('hex')}.partial`
  const handle = await open(partial, 'wx', 0o600).catch((error: Error) => {
    throw new Misused(`expected to be able to write there: ${error.message}`)
  })
  try {
    await handle.writeFile(bytes)
    await handle.sync()
    await handle.close()
    known(await transfers.decide(batchId, (batch) => send(batch, digestOf(bytes), by)), batchId)
  } catch (error) {
    if (isInfrastructureError(error))
      throw new NotNow(
        `the database did not say whether ${batchId} is sent: see bank-file list. If it is, and the bank has it not, rename ${partial} to ${place}; if it is not, delete that file`,
      )
    await rm(partial, { force: true })
    throw error
  }
  await link(partial, place)
  await rm(partial)
  say(`${batchId} is sent by ${by}: ${place}`)
  return 0
}

const discarded = async (transfers: BankTransfers, given: Given) => {
  const [batchId, by] = [needed(given, 'batch'), needed(given, 'by')]
  known(await transfers.decide(batchId, (batch) => discard(batch, by)), batchId)
  say(`${batchId} is discarded by ${by}: its transfers are due again`)
  return 0
}

const imported = async (transfers: BankTransfers, given: Given): Promise<number> => {
  const [file] = [needed(given, 'file'), needed(given, 'by')]
  const { words, rejectedBatches } = readBankFile((await bytesOf(file)).toString('utf8'))
  const ofBatches = []
  for (const { batchId, reason } of rejectedBatches)
    for (const refundId of await transfers.ofBatch(batchId))
      ofBatches.push({ refundId, says: 'rejected', reason, amount: undefined, currency: undefined } as const)
  const { changed, errors } = await transfers.hear([...words, ...ofBatches])
  say(`${words.length + ofBatches.length} transfers are told of, ${changed} of them are news`)
  for (const error of errors) say(`cannot be: ${error}`)
  return errors.length === 0 ? 0 : 1
}

const commands: Readonly<Record<string, (transfers: BankTransfers, given: Given) => Promise<number>>> = {
  ...{ list, create, approve: approved, send: sent, discard: discarded, import: imported },
}

const main = async (): Promise<number> => {
  const { values, command } = parsed()
  if (values.help) {
    say(help)
    return 0
  }
  const does = Object.hasOwn(commands, command) ? commands[command] : undefined
  if (does === undefined)
    throw new Misused(`expected ${Object.keys(commands).join(', ')}, got ${command || 'no command'}`)
  const settings = paymentSettings.pick({ PAYMENT_DATABASE_URL: true }).safeParse(withPasswordFiles(process.env))
  if (!settings.success) throw new Misused(z.prettifyError(settings.error))
  const transfers = openBankTransfers(settings.data.PAYMENT_DATABASE_URL, () => undefined)
  try {
    return await does(transfers, values)
  } finally {
    await transfers.close()
  }
}

process.exit(
  await main().catch((error: unknown) => {
    const isSaid = error instanceof Misused || error instanceof NotNow || error instanceof Unusable
    // Others may quote what they met, account numbers among it.
    const others = isInfrastructureError(error)
      ? 'expected the database of PAYMENT_DATABASE_URL to answer, it does not'
      : `expected it to be done, got ${error instanceof Error ? error.name : 'no error'}`
    process.stderr.write(`error: ${isSaid ? error.message : others}\n`)
    return 2
  }),
)
