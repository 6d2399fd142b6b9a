import type { KafkaConnection } from '@countermand/kafka'
import { type LetterBox, readBox } from '@countermand/workflows/operations/dead-letters/box.ts'
import type { DeadLetter } from '@countermand/workflows/operations/dead-letters/document.ts'
import { readDeadLetters } from '@countermand/workflows/operations/dead-letters/read.ts'
import type { Addresses } from '@countermand/workflows/operations/reach/addresses.ts'

const quietForMs = 1_000
/** Fewer are not worth a word, however long Kafka takes. */
const many = 1_000

/** Says each second how far it is, once it takes longer than that. */
const sayProgress = () => {
  let last = Date.now()
  return (read: number, of: number) => {
    if (of < many || Date.now() - last < quietForMs || read >= of) return
    last = Date.now()
    process.stderr.write(`[dlq] read ${read.toLocaleString('en')} of ${of.toLocaleString('en')}\n`)
  }
}

/** Reads the letters of these topics, or of all, and says how far it is. */
export const readBoxAloud = (kafka: KafkaConnection, wanted?: readonly string[]): Promise<LetterBox> =>
  readBox({ kafka, ...(wanted === undefined ? {} : { topics: wanted }), onProgress: sayProgress() })

/** The same of all, as documents. */
export const readDeadLettersAloud = (where: Addresses): Promise<DeadLetter[]> => readDeadLetters(where, sayProgress())
