/** A tree as parallel lists, by node; node 0 is the root. */
export interface Tree {
  /** The feature that is asked; -1: a leaf. */
  readonly feature: readonly number[]
  /** Of a number: at most this goes left. Of a category: which of `sets`. */
  readonly threshold: readonly number[]
  /** The categories that go left, by their places in the feature's list. What is in no set goes right. */
  readonly sets: readonly (readonly number[])[]
  /** Whether a missing number goes left (1) or right (0). Missing categories go right. */
  readonly missingLeft: readonly number[]
  readonly left: readonly number[]
  readonly right: readonly number[]
  /** What a leaf adds to the margin. */
  readonly value: readonly number[]
  /** Rows of training that came by. */
  readonly cover: readonly number[]
}

/** A tree that is being made. */
export interface TreeDraft extends Tree {
  readonly feature: number[]
  readonly threshold: number[]
  readonly sets: number[][]
  readonly missingLeft: number[]
  readonly left: number[]
  readonly right: number[]
  readonly value: number[]
  readonly cover: number[]
}

export const emptyTree = (): TreeDraft => ({
  ...{ feature: [], threshold: [], sets: [], missingLeft: [], left: [], right: [] },
  ...{ value: [], cover: [] },
})

/** A tree as it is walked. */
export interface WalkedTree {
  readonly nodes: number
  readonly feature: Int32Array
  readonly threshold: Float64Array
  readonly isCategory: Uint8Array
  readonly sets: readonly Uint8Array[]
  readonly missingLeft: Uint8Array
  readonly left: Int32Array
  readonly right: Int32Array
  readonly value: Float64Array
  readonly cover: Float64Array
}

const bits = (places: readonly number[]): Uint8Array => {
  const set = new Uint8Array(Math.max(0, ...places.map((place) => place + 1)))
  for (const place of places) set[place] = 1
  return set
}

/** Prepares a tree to be walked. `isCategory` says of which features. */
export const walked = (tree: Tree, isCategory: readonly boolean[]): WalkedTree => ({
  nodes: tree.feature.length,
  feature: Int32Array.from(tree.feature),
  threshold: Float64Array.from(tree.threshold),
  isCategory: Uint8Array.from(tree.feature, (feature) => (isCategory[feature] === true ? 1 : 0)),
  sets: tree.sets.map(bits),
  missingLeft: Uint8Array.from(tree.missingLeft),
  left: Int32Array.from(tree.left),
  right: Int32Array.from(tree.right),
  value: Float64Array.from(tree.value),
  cover: Float64Array.from(tree.cover),
})

/** Where a node sends a value. */
export const goesLeft = (tree: WalkedTree, node: number, value: number): boolean => {
  const threshold = tree.threshold[node] ?? 0
  if (tree.isCategory[node] === 1) return tree.sets[threshold]?.[value] === 1
  return Number.isNaN(value) ? tree.missingLeft[node] === 1 : value <= threshold
}

/** The leaf in which a row ends. */
export const leafOf = (tree: WalkedTree, row: Float64Array): number => {
  let node = 0
  let feature = tree.feature[0] ?? -1
  while (feature >= 0) {
    node = (goesLeft(tree, node, row[feature] ?? Number.NaN) ? tree.left[node] : tree.right[node]) ?? 0
    feature = tree.feature[node] ?? -1
  }
  return node
}
