import { type LabelledNote, learnNotes } from '@countermand/learning/text/classify.ts'
import { type DataSet, readDataSet } from '../data-sets.ts'
import type { Suite } from './suite.ts'

const notesOf = async (folder: string, name: DataSet): Promise<LabelledNote[]> =>
  (await readDataSet(folder, name)).map(({ text, category }) => ({ text: text ?? '', label: category ?? '' }))

const mostFrequent = (notes: readonly LabelledNote[]): string | undefined =>
  [...Map.groupBy(notes, ({ label }) => label)].sort(([, a], [, b]) => b.length - a.length)[0]?.[0]

/** Short messages of customers, by one of 77 intents. */
export const text: Suite = async (folder, watch) => {
  const [past, asked] = await Promise.all([notesOf(folder, 'textTrain'), notesOf(folder, 'textTest')])
  const progress = watch('text, models', 1)
  const classifier = learnNotes(past)
  const guesses = asked.map((note) => ({ ...classifier.guess(note.text), wanted: note.label }))
  progress.end()
  const right = (of: readonly (typeof guesses)[number][]) =>
    (100 * of.filter(({ label, wanted }) => label === wanted).length) / of.length
  const surest = guesses.toSorted((a, b) => b.probability - a.probability).slice(0, Math.round(0.8 * guesses.length))
  const simple = mostFrequent(past)
  const rival = asked.filter(({ label }) => label === simple).length / asked.length
  return [
    {
      suite: 'text',
      name: 'right of 77 intents, %',
      value: right(guesses),
      rival: { name: 'the most frequent', value: 100 * rival },
      reference: 'fine-tuned BERT-base 92.6 to 93.7',
      toReach: { atLeast: 90 },
    },
    { suite: 'text', name: 'right of the surest 80 %, %', value: right(surest), reference: 'first measured 97.5' },
  ]
}
