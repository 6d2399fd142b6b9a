/** JSON of others, before any contract has looked at it. */

/** An object whose values nobody has looked at yet. */
export type Fields = Readonly<Record<string, unknown>>

/** An object with names, as JSON has it; a list is none. */
export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What there is of JSON in a text that need not be any; `undefined`: it is none. */
export const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
