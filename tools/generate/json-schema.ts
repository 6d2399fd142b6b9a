import { z } from 'zod'
import type { MessageDocument } from './messages.ts'

type JsonSchema = Readonly<Record<string, unknown>>

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
  return { title: message.name, description: message.summary, ...schema }
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
