import { z } from 'zod'
import { isObject } from './json.ts'
import { most } from './limits.ts'

/** A list with more entries than its contract takes, and where in the data it is. */
export interface LongList {
  readonly path: readonly PropertyKey[]
  readonly length: number
  readonly most: number
}

/** The option of a union that data is of, by what tells them apart. */
export const optionOf = (schema: z.ZodDiscriminatedUnion, data: object): z.core.SomeType | undefined => {
  const { discriminator, options } = schema.def
  const value: unknown = Reflect.get(data, discriminator)
  return options.find((option) =>
    option._zod.propValues?.[discriminator]?.has(
      typeof value === 'string' || typeof value === 'boolean' ? value : undefined,
    ),
  )
}

/** The schema that a wrapper such as `optional` is about. */
export const innermost = (schema: z.core.SomeType): z.core.SomeType => {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNonOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable
  )
    return innermost(schema.def.innerType)
  if (schema instanceof z.ZodPipe)
    return innermost(schema.def.in instanceof z.ZodTransform ? schema.def.out : schema.def.in)
  return schema
}

const limitOf = (schema: z.ZodArray): number => {
  const found = schema.def.checks?.find((each) => each instanceof z.core.$ZodCheckMaxLength)
  return found instanceof z.core.$ZodCheckMaxLength ? found._zod.def.maximum : most.entries
}

/**
 * Lists of the contract that are longer than it allows. Looked for first: the checks of each entry, and the words for what is wrong
 * with each, would take seconds for a megabyte of `{}`.
 */
export const longLists = (wrapped: z.core.SomeType, data: unknown, path: readonly PropertyKey[] = []): LongList[] => {
  const schema = innermost(wrapped)
  if (schema instanceof z.ZodArray && Array.isArray(data)) {
    const limit = limitOf(schema)
    if (data.length > limit) return [{ path, length: data.length, most: limit }]
    return data.flatMap((entry, index) => longLists(schema.element, entry, [...path, index]))
  }
  if (!isObject(data)) return []
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([name, field]) =>
      Object.hasOwn(data, name) ? longLists(field, Reflect.get(data, name), [...path, name]) : [],
    )
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const option = optionOf(schema, data)
    return option === undefined ? [] : longLists(option, data, path)
  }
  return []
}
