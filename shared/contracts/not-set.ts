import { z } from 'zod'
import { isObject } from './json.ts'
import { innermost, optionOf } from './long-lists.ts'

/** Jackson, System.Text.Json, pydantic and others write null for what is absent: where a field may be absent, null says that it is. */

const mayBeAbsent = (field: z.core.SomeType): boolean => field instanceof z.ZodOptional || field instanceof z.ZodDefault

const ofFields = (shape: z.core.$ZodShape, data: object): object => {
  const entries = Object.entries(data)
  const kept = entries.flatMap(([name, value]): [string, unknown][] => {
    const field = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (field === undefined) return [[name, value]]
    return value === null && mayBeAbsent(field) ? [] : [[name, withoutNulls(field, value)]]
  })
  return kept.length === entries.length && kept.every(([, value], place) => value === entries[place]?.[1])
    ? data
    : Object.fromEntries(kept)
}

const ofEntries = (element: z.core.SomeType, data: readonly unknown[]): readonly unknown[] => {
  const kept = data.map((entry) => withoutNulls(element, entry))
  return kept.every((entry, place) => entry === data[place]) ? data : kept
}

/** Data without the fields that are null and may be absent. What there is nothing to leave out of stays the same value. */
export const withoutNulls = (wrapped: z.core.SomeType, data: unknown): unknown => {
  const schema = innermost(wrapped)
  if (schema instanceof z.ZodArray) return Array.isArray(data) ? ofEntries(schema.element, data) : data
  if (!isObject(data)) return data
  if (schema instanceof z.ZodObject) return ofFields(schema.shape, data)
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return data
  const option = optionOf(schema, data)
  return option === undefined ? data : withoutNulls(option, data)
}
