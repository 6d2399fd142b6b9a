import { createHash } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { program } from '../../terminal/program.ts'
import { listen, serveControl } from '../control.ts'
import { keptIn } from '../kept.ts'
import { createBank } from './bank.ts'

/** `node tools/stand-ins/bank/main.ts --outgoing <folder> --incoming <folder>`: takes files from one folder, answers in the other. */
const { outgoing, incoming, controlPort, book } = program(
  'bank stand-in',
  'Stands for a bank on this machine: takes pain.001 files from a folder, and tells what became of them in another. Says where its book is read, as JSON.',
)
  .requiredOption('--outgoing <folder>', 'what the shop sends; taken away once it is carried out')
  .requiredOption('--incoming <folder>', 'pain.002 and camt.054 for the shop')
  .option('--control-port <port>', 'by which its book is read', '0')
  .option('--book <file>', 'that keeps what it knows; without one it forgets all of it when it ends')
  .addHelpText('after', '\nExit codes: 0 ended by SIGTERM, 2 wrong use.')
  .parse()
  .opts<{ outgoing: string; incoming: string; controlPort: string; book?: string }>()

const kept = keptIn(book)
const bank = createBank(kept)

/** Whole at once, and under the same name when it is told again. */
const tell = async (batch: string, place: number, text: string) => {
  const name = `${batch}-${place}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}.xml`
  await writeFile(join(incoming, `.${name}`), text)
  await rename(join(incoming, `.${name}`), join(incoming, name))
}

/** The book first, then what it tells, then the file goes: what is killed in between does it again, and moves nothing twice. */
const carryOut = async (name: string) => {
  const told = bank.take(await readFile(join(outgoing, name), 'utf8'))
  kept.save()
  for (const [place, text] of told.entries()) await tell(name.replace(/\.xml$/, ''), place, text)
  await rm(join(outgoing, name))
}

const control = await listen(serveControl({ 'GET /book': () => bank.transfers() }, kept), Number(controlPort))
console.log(JSON.stringify({ control }))
process.once('SIGTERM', () => process.exit(0))
const oftenMs = 200
for (;;) {
  for (const name of await readdir(outgoing)) if (name.endsWith('.xml')) await carryOut(name)
  await sleep(oftenMs)
}
