import type { z } from 'zod'

/** Marks a field that may be absent, so that a type with it is told from one without. */
declare const maybeAbsent: unique symbol

/** A type as it is compared: all of it read-only, and each optional field as one that must be there and is marked. */
type Compared<Type> = unknown extends Type
  ? unknown
  : Type extends string | number | bigint | boolean | null | undefined | Date
    ? Type
    : Type extends readonly (infer Each)[]
      ? readonly Compared<Each>[]
      : {
          readonly [Name in keyof Type]-?:
            | Compared<Type[Name]>
            | (object extends Pick<Type, Name> ? typeof maybeAbsent : never)
        }

type IsExactly<One, Other> = [Compared<One>] extends [Compared<Other>]
  ? [Compared<Other>] extends [Compared<One>]
    ? true
    : false
  : false

/** What the type check says where they differ. */
interface Differs<Schema, Type> {
  readonly 'the schema takes what the type does not have': Exclude<Schema, Type>
  readonly 'the type has what the schema does not take': Exclude<Type, Schema>
}

type Exactly<Schema extends z.ZodType, Type> =
  IsExactly<z.output<Schema>, Type> extends true ? unknown : Differs<z.output<Schema>, Type>

/**
 * A schema of a type that is written down elsewhere: it takes all of that type and nothing else, or the type check fails. With
 * `satisfies z.ZodType<Type>` a schema may lack a member of a union, or an optional field: such a value is written, and cannot be read again.
 */
export const exactly =
  <Type>() =>
  <Schema extends z.ZodType>(schema: Schema & Exactly<Schema, Type>): Schema =>
    schema
