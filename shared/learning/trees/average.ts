import type { Ensemble } from './ensemble.ts'

/** One model that says, before the link, the mean of what several say. Throws where they are none, or are not about the same. */
export const averageOf = (models: readonly Ensemble[]): Ensemble => {
  const [first] = models
  if (first === undefined) throw new Error('expected models to take the mean of, got none')
  const about = ({ link, features }: Ensemble) => JSON.stringify({ link, features })
  if (models.some((each) => about(each) !== about(first)))
    throw new Error('expected models of the same features and link')
  const share = (value: number): number => value / models.length
  return {
    ...first,
    base: share(models.reduce((sum, { base }) => sum + base, 0)),
    trees: models.flatMap(({ trees }) => trees.map((tree) => ({ ...tree, value: tree.value.map(share) }))),
  }
}
