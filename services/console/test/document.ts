import { z } from 'zod'
import { openApi } from '../http/openapi.ts'

/** The OpenAPI document, asked what it says of an answer. */

const content = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }))
const response = z.object({ content: content.optional(), $ref: z.string().optional() })
const operation = z.object({ responses: z.record(z.string(), response) })
const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ responses: z.record(z.string(), response) }),
})
const { paths, components } = document.parse(openApi())

const templates = Object.keys(paths).map((template) => ({
  template,
  form: new RegExp(`^${template.replaceAll('.', '[.]').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}))

const readers = new Map<object, z.ZodType>()
const readerOf = (schema: Readonly<Record<string, unknown>>): z.ZodType => {
  const reader = readers.get(schema) ?? z.fromJSONSchema({ ...schema })
  readers.set(schema, reader)
  return reader
}

export interface Answered {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly type: string | null
  readonly text: string
}

/** What the document does not say of this answer, in words; `undefined`: it says all of it. Of an address that it does not know, only that it is a problem. */
export const undeclared = ({ method, path, status, type, text }: Answered): string | undefined => {
  const [bare = ''] = path.split('?')
  const template = templates.find(({ form }) => form.test(bare))?.template
  const found = paths[template ?? '']?.[method.toLowerCase()]
  const declared = found === undefined ? { $ref: '#/components/responses/problem' } : found.responses[String(status)]
  if (declared === undefined) return `${method} ${template} answers ${status}, which is not declared`
  const { content: schemas } = declared.$ref === undefined ? declared : (components.responses.problem ?? {})
  if (schemas === undefined) return text === '' ? undefined : `${method} ${template} ${status} has a body`
  const media = (type ?? '').split(';')[0] ?? ''
  const schema = schemas[media]?.schema
  if (schema === undefined) return `${method} ${template} ${status} is of type ${media}`
  if (media === 'text/event-stream') return undefined
  const { error } = readerOf(schema).safeParse(JSON.parse(text))
  return error && `${method} ${template} ${status}: ${z.prettifyError(error)}`
}
