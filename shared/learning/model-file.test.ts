import { describe, expect, it } from 'vitest'
import { readModel, writeModel } from './model-file.ts'
import { examples } from './test/given.ts'
import { boost } from './trees/boosting.ts'
import { scorerOf } from './trees/ensemble.ts'

const given = examples(500)
const ensemble = boost(given, { trees: 8, leaves: 8, groupRows: 20 })
const about = { task: 'order-risk', trainedUpTo: '2026-11-01T00:00:00.000Z', rows: 500, seed: 1 }
const model = { ...about, ensemble, calibration: { slope: 1, shift: 0 } }
const text = writeModel(model)

/** The file with other trees, and a sum that fits. */
const withTrees = (...trees: (typeof ensemble.trees)[number][]) =>
  writeModel({ ...model, ensemble: { ...ensemble, trees } })

const [tree] = ensemble.trees
if (tree === undefined) throw new Error('expected a tree')

describe('a model file', () => {
  it('reads back as what was written, and is the same text again', () => {
    const { sha256, format, version, ...rest } = readModel(text)
    expect(rest).toEqual(model)
    expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(writeModel(rest)).toBe(text)
    expect(scorerOf(rest.ensemble).margins(given.table)).toEqual(scorerOf(ensemble).margins(given.table))
  })

  it('that is cut is refused, wherever', () => {
    for (const part of [0, 0.1, 0.5, 0.9, 0.999])
      expect(() => readModel(text.slice(0, text.length * part))).toThrow('this one is cut or is no JSON')
  })

  it.each([
    ['of another version', text.replace('"version":1', '"version":2'), 'of version 1, got countermand-model 2'],
    ['of another format', text.replace('countermand-model', 'other'), 'got other 1'],
    ['that was changed', text.replace('"rows":500', '"rows":501'), 'so it was changed'],
    ['that has more than we know', text.replace('{', '{"more":1,'), 'Unrecognized key'],
    ['that is something else', '[1, 2]', 'expected a model file with format, version and sha256'],
    ['of another kind of content', text.replace('"rows":500', '"rows":"many"'), 'expected a model that can be used'],
  ])('%s is refused', (_, file, says) => {
    expect(() => readModel(file)).toThrow(says)
  })

  it('that says the same of everything is refused: without trees, or with leaves that are all alike', () => {
    const without = withTrees()
    expect(() => readModel(without)).toThrow('got one that says the same of all')
    const alike = { ...tree, value: tree.value.map(() => 9) }
    const flat = withTrees(alike)
    expect(() => readModel(flat)).toThrow('got one that says the same of all')
  })

  it.each([
    ['that goes in a circle', { ...tree, left: tree.left.map(() => 0) }, 'nodes behind it'],
    ['with lists of other lengths', { ...tree, value: tree.value.slice(1) }, 'lists of the same length'],
    ['about a feature that it has not', { ...tree, feature: tree.feature.map(() => 7) }, 'its own features'],
    ['with a set that it has not', { ...tree, feature: tree.feature.map(() => 2), sets: [] }, 'its own features'],
  ])('with a tree %s cannot be written', (_, broken, says) => {
    expect(() => withTrees(broken)).toThrow(says)
  })
})
