import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'

/** What a stand-in knows, so that one that is killed and started again knows it still: a provider forgets nothing that it has answered. */
export interface Kept {
  /** It was started before: what was due meanwhile, it has not told. */
  readonly isAgain: boolean
  /** The map or list of this name, as it was when it was saved last. */
  map<Value>(name: string): Map<string, Value>
  list<Value>(name: string): Value[]
  /** Writes all of it down: before an answer goes out that tells of it. */
  save(): void
}

/** In this file, which only the same stand-in reads; without one, in memory alone. */
export const keptIn = (file?: string): Kept => {
  const isAgain = file !== undefined && existsSync(file)
  const content: Record<string, unknown> = isAgain ? deserialize(readFileSync(file)) : Object.create(null)
  const part = <Content>(name: string, empty: Content): Content => {
    content[name] ??= empty
    // It is what this program has written.
    return content[name] as Content
  }
  return {
    isAgain,
    map: <Value>(name: string) => part(name, new Map<string, Value>()),
    list: <Value>(name: string) => part<Value[]>(name, []),
    save: () => {
      if (file === undefined) return
      // Whole at once: it may be killed while it writes.
      writeFileSync(`${file}.writing`, serialize({ ...content }))
      renameSync(`${file}.writing`, file)
    },
  }
}
