/** Takes from the front of a queue what fits, and the first in any case. `fits` is asked about each, in order, until one does not. */
export const takeFirst = <Item>(queue: Item[], fits: (item: Item) => boolean): Item[] => {
  const end = queue.findIndex((item, place) => !fits(item) && place > 0)
  return queue.splice(0, end === -1 ? queue.length : end)
}
