import { isInput } from '@countermand/contracts'
import { z } from 'zod'
import type { MessageDocument } from './messages.ts'

type JsonSchema = Readonly<Record<string, unknown>>

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Shops write null for what is absent: where a field need not be there, their schemas say so. */
const withNulls = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(withNulls)
  if (!isSchema(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [
      name,
      name === 'properties' && isSchema(value) ? fieldsWithNulls(value, schema.required) : withNulls(value),
    ]),
  )
}

const fieldsWithNulls = (fields: JsonSchema, required: unknown): JsonSchema =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const said = withNulls(field)
      if ((Array.isArray(required) && required.includes(name)) || !isSchema(said)) return [name, said]
      const { default: byDefault, ...others } = said
      return [name, { ...(byDefault === undefined ? {} : { default: byDefault }), anyOf: [others, { type: 'null' }] }]
    }),
  )

/**
 * The JSON Schema (draft 7, which AsyncAPI reads too) of what a sender writes: fields with a default may be left out, and
 * fields that nobody asked for are ignored.
 */
export const dataSchema = (message: MessageDocument): JsonSchema => {
  const { $schema, ...schema } = z.toJSONSchema(message.schema, {
    target: 'draft-7',
    io: 'input',
    reused: 'inline',
    // `format` says it; the pattern that zod adds is 400 characters long.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
    },
  })
  const said = message.kind === 'event' && message.topics.some(isInput) ? withNulls(schema) : schema
  return { title: message.name, description: message.summary, ...(isSchema(said) ? said : schema) }
}

export const schemaFile = (message: MessageDocument): string =>
  `${JSON.stringify(
    {
      $schema: 'http://json-schema.org/draft-07/schema#',
      $comment: 'Generated from shared/contracts by `npm run generate`. Do not edit.',
      ...dataSchema(message),
      examples: [message.example],
    },
    undefined,
    2,
  )}\n`
