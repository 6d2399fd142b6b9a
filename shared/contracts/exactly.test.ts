import { expect, it } from 'vitest'
import { z } from 'zod'
import { exactly } from './exactly.ts'

type Colour = 'red' | 'green'
interface Point {
  readonly x: number
  readonly path: readonly { readonly colour: Colour }[]
  readonly label?: string
  readonly seenAt: string | null
}
type Shape =
  | { readonly kind: 'dot' }
  | { readonly kind: 'bar'; readonly length: number }
  | { readonly kind: 'box'; readonly length: number }

const path = z.array(z.object({ colour: z.enum(['red', 'green']) }))
const label = z.string().exactOptional()
const rest = { x: z.number(), seenAt: z.string().nullable() }

it('takes a schema of all members of a list, and gives it back as it is', () => {
  const colour = z.enum(['green', 'red'])
  expect(exactly<Colour>()(colour)).toBe(colour)
  expect(exactly<Colour>()(colour).options).toEqual(['green', 'red'])
})

it('takes a schema of all fields and all variants, read-only or not', () => {
  exactly<Point>()(z.object({ ...rest, path, label }))
  exactly<Shape>()(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('dot') }),
      z.object({ kind: z.enum(['bar', 'box']), length: z.number() }),
    ]),
  )
  exactly<{ readonly count: number }>()(z.string().transform((text) => ({ count: text.length })))
  exactly<Readonly<Record<Colour, number>>>()(z.object({ red: z.int(), green: z.int() }))
})

it('does not compile with a schema that differs from the type', () => {
  // @ts-expect-error: it lacks a member
  exactly<Colour>()(z.enum(['red']))
  // @ts-expect-error: it has one more
  exactly<Colour>()(z.enum(['red', 'green', 'blue']))
  // @ts-expect-error: it takes any text
  exactly<Colour>()(z.string())
  // @ts-expect-error: it lacks a variant
  exactly<Shape>()(z.object({ kind: z.literal('dot') }))
  // @ts-expect-error: it lacks a field
  exactly<Point>()(z.object({ ...rest, path: z.array(z.object({})), label }))
  // @ts-expect-error: it lacks an optional field
  exactly<Point>()(z.object({ ...rest, path }))
  // @ts-expect-error: it demands what may be absent
  exactly<Point>()(z.object({ ...rest, path, label: z.string() }))
  // @ts-expect-error: it allows null
  exactly<Point>()(z.object({ ...rest, path, label, x: z.number().nullable() }))
  // @ts-expect-error: it has one more field
  exactly<Point>()(z.object({ ...rest, path, label, y: z.number() }))
  // @ts-expect-error: deep inside it lacks a member
  exactly<Point>()(z.object({ ...rest, path: z.array(z.object({ colour: z.literal('red') })), label }))
  // @ts-expect-error: it takes anything
  exactly<Point>()(z.unknown())
})
