import { seeded, shuffled } from '../random.ts'
import { gramsOf } from './grams.ts'

/** A note, and what it is about. */
export interface LabelledNote {
  readonly text: string
  readonly label: string
}

/** What a note is about, and how sure that is: 0 to 1. */
export interface Guess {
  readonly label: string
  readonly probability: number
}

export interface NoteClassifier {
  readonly labels: readonly string[]
  /** The most probable label; of a note without a known part the most frequent one, with its share. */
  readonly guess: (text: string) => Guess
}

export interface ClassifierSettings {
  readonly rounds: number
  readonly rate: number
  /** Pulls weights towards nothing. */
  readonly l2: number
  /** Notes that a part has to be in. */
  readonly minNotes: number
  readonly seed: number
}

const usual: ClassifierSettings = { rounds: 14, rate: 0.5, l2: 1e-6, minNotes: 2, seed: 1 }

/** The parts of a note by number, each with its weight; together of length 1. */
interface Vector {
  readonly parts: Int32Array
  readonly weights: Float64Array
}

const vectorOf = (text: string, places: ReadonlyMap<string, number>, rarity: Float64Array): Vector => {
  const counts = new Map<number, number>()
  for (const gram of gramsOf(text)) {
    const place = places.get(gram)
    if (place !== undefined) counts.set(place, (counts.get(place) ?? 0) + 1)
  }
  const parts = Int32Array.from(counts.keys())
  const weights = Float64Array.from(counts, ([place, count]) => (1 + Math.log(count)) * (rarity[place] ?? 0))
  const length = Math.sqrt(weights.reduce((sum, each) => sum + each * each, 0))
  return { parts, weights: length === 0 ? weights : weights.map((each) => each / length) }
}

const vocabularyOf = (notes: readonly LabelledNote[], minNotes: number) => {
  const seen = new Map<string, number>()
  for (const { text } of notes) for (const gram of new Set(gramsOf(text))) seen.set(gram, (seen.get(gram) ?? 0) + 1)
  const kept = [...seen].filter(([, count]) => count >= minNotes)
  return {
    places: new Map(kept.map(([gram], place) => [gram, place])),
    rarity: Float64Array.from(kept, ([, count]) => Math.log((1 + notes.length) / (1 + count)) + 1),
  }
}

/** Probabilities of the labels, from their scores, in place. */
const softmax = (scores: Float64Array): void => {
  let most = Number.NEGATIVE_INFINITY
  for (const score of scores) most = Math.max(most, score)
  let sum = 0
  for (let at = 0; at < scores.length; at += 1) {
    scores[at] = Math.exp((scores[at] ?? 0) - most)
    sum += scores[at] ?? 0
  }
  for (let at = 0; at < scores.length; at += 1) scores[at] = (scores[at] ?? 0) / sum
}

/** Multinomial logistic regression: one weight for each part and label, those of a part beside each other. */
const scoresOf = ({ parts, weights }: Vector, model: Float64Array, bias: Float64Array): Float64Array => {
  const scores = bias.slice()
  for (let at = 0; at < parts.length; at += 1) {
    const begin = (parts[at] ?? 0) * scores.length
    const weight = weights[at] ?? 0
    for (let label = 0; label < scores.length; label += 1)
      scores[label] = (scores[label] ?? 0) + weight * (model[begin + label] ?? 0)
  }
  softmax(scores)
  return scores
}

/** Moves weights against the gradient; the steps of each get smaller as it has moved (Adagrad). */
const learnNote = (
  vector: Vector,
  wanted: number,
  model: Float64Array,
  bias: Float64Array,
  moved: Float64Array,
  { rate, l2 }: ClassifierSettings,
): void => {
  const errors = scoresOf(vector, model, bias)
  errors[wanted] = (errors[wanted] ?? 0) - 1
  const { parts, weights } = vector
  for (let at = 0; at < parts.length; at += 1) {
    const begin = (parts[at] ?? 0) * errors.length
    const weight = weights[at] ?? 0
    for (let label = 0; label < errors.length; label += 1) {
      const place = begin + label
      const gradient = (errors[label] ?? 0) * weight + l2 * (model[place] ?? 0)
      const sum = (moved[place] ?? 0) + gradient * gradient
      moved[place] = sum
      model[place] = (model[place] ?? 0) - (rate * gradient) / Math.sqrt(sum + 1e-8)
    }
  }
  for (let label = 0; label < errors.length; label += 1)
    bias[label] = (bias[label] ?? 0) - 0.01 * rate * (errors[label] ?? 0)
}

/** Learns what notes are about. The same notes in the same order and the same seed give the same weights. Throws without two labels. */
export const learnNotes = (notes: readonly LabelledNote[], given: Partial<ClassifierSettings> = {}): NoteClassifier => {
  const settings = { ...usual, ...given }
  const labels = [...new Set(notes.map(({ label }) => label))].sort()
  if (labels.length < 2) throw new Error(`expected notes with two labels at least, got ${labels.length}`)
  const { places, rarity } = vocabularyOf(notes, settings.minNotes)
  const vectors = notes.map(({ text }) => vectorOf(text, places, rarity))
  const wanted = notes.map(({ label }) => labels.indexOf(label))
  const model = new Float64Array(places.size * labels.length)
  const moved = new Float64Array(model.length)
  const bias = new Float64Array(labels.length)
  const random = seeded(settings.seed)
  for (let round = 0; round < settings.rounds; round += 1)
    for (const note of shuffled(notes.length, random)) {
      const vector = vectors[note]
      if (vector !== undefined) learnNote(vector, wanted[note] ?? 0, model, bias, moved, settings)
    }
  return {
    labels,
    guess: (text) => {
      const scores = scoresOf(vectorOf(text, places, rarity), model, bias)
      let best = 0
      for (let label = 1; label < scores.length; label += 1)
        if ((scores[label] ?? 0) > (scores[best] ?? 0)) best = label
      return { label: labels[best] ?? '', probability: scores[best] ?? 0 }
    },
  }
}
