import { execFile } from 'node:child_process'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Bank } from '../stand-ins/bank/started.ts'
import type { Heard, Outside } from './outside.ts'

/** The two people of the shop's treasury, who send refunds to their bank by `npm run bank-file`, and read in what it tells. */
export interface Treasury {
  /** What the program said that cannot be. */
  readonly errors: readonly string[]
  stop(): Promise<void>
}

export interface TreasuryOptions {
  readonly outside: Outside
  readonly bank: Pick<Bank, 'outgoing' | 'incoming'>
  readonly paymentDatabaseUrl: string
  /** Of their own: payees and files that have not left yet. */
  readonly folder: string
  /** Between two looks at what is due, in milliseconds. */
  readonly everyMs: number
  readonly log: (line: string) => void
}

const program = fileURLToPath(new URL('../../services/payment/channels/bank/main.ts', import.meta.url))
const [ana, ben] = ['ana', 'ben'] as const
/** Customers' accounts: an example of the registry of IBANs. Nobody but the bank may ever read it. */
export const iban = 'NL91ABNA0417164300'
const debtor = { name: 'A shop', iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' }

const batch = z.object({
  batchId: z.string(),
  approvedBy: z.string().optional(),
  sentBy: z.string().optional(),
  discardedBy: z.string().optional(),
})
const listed = z.object({ batches: z.array(batch), due: z.record(z.string(), z.int()) })
type Batch = z.infer<typeof batch>

interface Said {
  /** 0 done, 1 something cannot be, 2 not now: the database is away, say. */
  readonly code: number
  readonly words: string
}

const programOf =
  (paymentDatabaseUrl: string) =>
  (command: string, options: Readonly<Record<string, string>> = {}, ...flags: readonly string[]): Promise<Said> =>
    new Promise((resolve) => {
      const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
      const env = { ...process.env, PAYMENT_DATABASE_URL: paymentDatabaseUrl }
      const child = execFile(process.execPath, [program, command, ...given, ...flags], { env }, (_, stdout, stderr) =>
        resolve({ code: child.exitCode ?? 2, words: `${stdout}${stderr}`.trim() }),
      )
    })

/** What customers have told the shop, of refunds that wait for it: their name is the order's, by which the bank knows what to do. */
const payeesFrom = (outside: Outside) => {
  const payees = new Map<string, { readonly refundId: string; readonly name: string; readonly iban: string }>()
  const hear = (heard: Heard) => {
    if (!('refundId' in heard.data)) return
    const { refundId, orderId, destination } = heard.data
    if (heard.type !== 'refund.pending.v1') payees.delete(refundId)
    else if (destination === 'bank-transfer') payees.set(refundId, { refundId, name: orderId, iban })
  }
  return { all: () => [...payees.values()], mute: outside.listen(hear) }
}

const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => /^[^.].*\.xml$/.test(name)).toSorted()

export const startTreasury = async (options: TreasuryOptions): Promise<Treasury> => {
  const { outside, bank, folder, everyMs, log } = options
  const run = programOf(options.paymentDatabaseUrl)
  const read = join(folder, 'read')
  await mkdir(read, { recursive: true })
  const path = (name: string) => join(folder, name)
  await writeFile(path('debtor.json'), JSON.stringify(debtor))
  const payees = payeesFrom(outside)
  const errors: string[] = []
  const over = new AbortController()
  let rounds = 0

  const create = async (currency: string) => {
    rounds += 1
    const out = path(`round-${rounds}.xml`)
    await writeFile(path('payees.json'), JSON.stringify(payees.all()))
    const given = { payees: path('payees.json'), debtor: path('debtor.json'), out, currency, by: ana }
    const { code, words } = await run('create', given)
    const [, batchId] = /^(bat_\w+):/.exec(words) ?? []
    // Whether there is a batch the list says: one without its file is given up.
    if (code === 0 && batchId !== undefined) await rename(out, path(`${batchId}.xml`))
    else await rm(out, { force: true })
  }

  /** One that counts as sent, and has not got its name: what the program says is to be done then. */
  const nameWhatIsSent = async ({ batchId }: Batch) => {
    const partial = (await readdir(bank.outgoing)).find((name) => name.startsWith(batchId) && name.endsWith('.partial'))
    if (partial !== undefined) await rename(join(bank.outgoing, partial), join(bank.outgoing, `${batchId}.xml`))
    await rm(path(`${batchId}.xml`), { force: true })
  }

  const goOn = async (open: Batch, files: readonly string[]) => {
    const { batchId, approvedBy } = open
    const file = path(`${batchId}.xml`)
    if (!files.includes(`${batchId}.xml`)) return run('discard', { batch: batchId, by: ana })
    if (approvedBy === undefined) await run('approve', { batch: batchId, file, by: ben })
    return run('send', { batch: batchId, file, to: bank.outgoing, by: ben })
  }

  const readIn = async () => {
    for (const name of await filesIn(bank.incoming)) {
      const { code, words } = await run('import', { file: join(bank.incoming, name), by: ana })
      if (code === 2) return
      if (code === 1) errors.push(words)
      await rename(join(bank.incoming, name), join(read, name))
    }
  }

  const round = async () => {
    if (payees.all().length > 0) {
      const said = await run('list', {}, '--json')
      if (said.code !== 0) return
      const { batches, due } = listed.parse(JSON.parse(said.words))
      const files = await filesIn(folder)
      for (const each of batches.filter(({ discardedBy }) => discardedBy === undefined))
        if (each.sentBy === undefined) await goOn(each, files)
        else if (files.includes(`${each.batchId}.xml`)) await nameWhatIsSent(each)
      for (const currency of Object.keys(due)) await create(currency)
    }
    await readIn()
  }

  const work = async () => {
    while (!over.signal.aborted) {
      await round()
      await sleep(everyMs, undefined, { signal: over.signal }).catch(() => undefined)
    }
  }
  const working = work().catch((error: unknown) => {
    const words = error instanceof Error ? error.message : String(error)
    log(`treasury: ${words}`)
    errors.push(words)
  })
  return {
    errors,
    stop: async () => {
      over.abort()
      payees.mute()
      await working
    },
  }
}
