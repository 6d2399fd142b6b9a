/** Redrives the letter `LETTER` and kills itself on the way, at `KILL_AT`. For dead-letters.test.ts. */
import { readBox } from '@countermand/workflows/operations/dead-letters/box.ts'
import { letterNamed } from '@countermand/workflows/operations/dead-letters/choose.ts'
import { handleLetters } from '@countermand/workflows/operations/dead-letters/handle.ts'
import { messageOf } from '@countermand/workflows/operations/dead-letters/letter.ts'
import { z } from 'zod'
import { dyingKafka } from './dying-kafka.ts'

const env = z
  .object({ BROKERS: z.string(), PREFIX: z.string(), LETTER: z.string(), KILL_AT: z.string() })
  .parse(process.env)
const kafka = dyingKafka({ brokers: env.BROKERS, prefix: env.PREFIX }, env.KILL_AT)
const letter = letterNamed(await readBox({ kafka }), env.LETTER)
const redrive = { message: messageOf(letter), redrives: 1 }
await handleLetters({ kafka, tasks: [{ letter, redrive }], operator: { by: 'killed' }, force: false })
