import { readLightGbm } from '@countermand/learning/lightgbm/dump.ts'
import { readModel } from '@countermand/learning/model-file.ts'
import type { Ensemble } from '@countermand/learning/trees/ensemble.ts'
import { z } from 'zod'
import { parsedJson } from './history/file.ts'

/** What a model file is. */
export interface ModelCard {
  readonly from: 'countermand' | 'lightgbm'
  readonly task: string | null
  readonly trainedUpTo: string | null
  readonly rows: number | null
  readonly sha256: string | null
  readonly trees: number
  /** How often each feature is asked about, the most often first. */
  readonly asks: readonly { readonly feature: string; readonly times: number }[]
}

const asksOf = ({ features, trees }: Ensemble): ModelCard['asks'] => {
  const times = new Float64Array(features.length)
  for (const { feature } of trees) for (const asked of feature) if (asked >= 0) times[asked] = (times[asked] ?? 0) + 1
  return features.map(({ name }, nth) => ({ feature: name, times: times[nth] ?? 0 })).sort((a, b) => b.times - a.times)
}

const lightGbm = z.looseObject({ tree_info: z.array(z.unknown()) })

/** Reads a model file of ours, or the dump of one that LightGBM trained. Throws where it must not be used, and says why. */
export const cardOf = (text: string): ModelCard => {
  const json = parsedJson(text)
  if (lightGbm.safeParse(json).success) {
    const ensemble = readLightGbm(json)
    const unknown = { task: null, trainedUpTo: null, rows: null, sha256: null }
    return { from: 'lightgbm', ...unknown, trees: ensemble.trees.length, asks: asksOf(ensemble) }
  }
  const { ensemble, task, trainedUpTo, rows, sha256 } = readModel(text)
  return { from: 'countermand', task, trainedUpTo, rows, sha256, trees: ensemble.trees.length, asks: asksOf(ensemble) }
}
