import { z } from 'zod'
import { type Endpoint, endpoints, problemsOf, readsBody } from './endpoints.ts'
import { problems } from './problems.ts'

/** The OpenAPI 3.1 document of the table of endpoints: the same in `docs/openapi.yaml` and at `/v1/openapi.json`. */

type Json = Readonly<Record<string, unknown>>

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    ...{ target: 'draft-2020-12', io, reused: 'inline', unrepresentable: 'any' },
    // `format` says it; the pattern that zod adds is 400 characters long.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
    },
  })
  return json
}

const fieldsOf = (schema: z.ZodType): readonly (readonly [name: string, schema: Json, required: boolean])[] => {
  const { properties = {}, required = [] } = z
    .object({
      properties: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
      required: z.array(z.string()).optional(),
    })
    .parse(schemaOf(schema, 'input'))
  return Object.entries(properties).map(([name, field]) => [name, field, required.includes(name)])
}

const headerOf = (name: string, schema: Json, required = false): Json => ({ name, in: 'header', required, schema })

const parametersOf = ({ params, query, keyed, waits, answers }: Endpoint): Json[] => [
  ...fieldsOf(params).map(([name, schema]) => ({ name, in: 'path', required: true, schema })),
  ...fieldsOf(query).map(([name, schema, required]) => ({ name, in: 'query', required, schema })),
  ...(keyed ? [headerOf('Idempotency-Key', { type: 'string', minLength: 1, maxLength: 255 }, true)] : []),
  ...(waits
    ? [headerOf('Prefer', { type: 'string', description: '`wait=<seconds>`: until it is over, at most 30' })]
    : []),
  ...(304 in answers ? [headerOf('If-None-Match', { type: 'string' })] : []),
]

const answered = (schema: z.ZodType | null | 'stream'): Json => {
  if (schema === null) return {}
  return schema === 'stream'
    ? { content: { 'text/event-stream': { schema: { type: 'string' } } } }
    : { content: { 'application/json': { schema: schemaOf(schema, 'output') } } }
}

const answersOf = (endpoint: Endpoint): Json => {
  const byStatus = Map.groupBy(problemsOf(endpoint), (code) => problems[code].status)
  return Object.fromEntries([
    ...Object.entries(endpoint.answers).map(([status, schema]) => [
      status,
      { description: Number(status) === 304 ? 'As it was' : endpoint.summary, ...answered(schema) },
    ]),
    ...[...byStatus].map(([status, codes]) => [
      String(status),
      { description: codes.map((code) => `\`${code}\``).join(', '), $ref: '#/components/responses/problem' },
    ]),
  ])
}

const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
  properties: {
    ...{ type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' } },
    ...{ instance: { type: 'string' }, code: { enum: Object.keys(problems) } },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { pointer: { type: 'string' }, detail: { type: 'string' } } },
    },
    next: {
      type: 'array',
      items: {
        type: 'object',
        properties: { action: { type: 'string' }, label: { type: 'string' }, href: { type: 'string' } },
      },
    },
  },
}

const operationOf = (name: string, endpoint: Endpoint): Json => ({
  ...{ operationId: name, summary: endpoint.summary, parameters: parametersOf(endpoint) },
  ...(endpoint.who === 'anybody' ? { security: [] } : { description: `Scopes: ${endpoint.who.join(', ')}.` }),
  ...(readsBody(endpoint) && {
    requestBody: { required: true, content: { 'application/json': { schema: schemaOf(endpoint.body, 'input') } } },
  }),
  responses: answersOf(endpoint),
})

const paths = (): Json => {
  const byPath = Object.groupBy(Object.entries<Endpoint>(endpoints), ([, { path }]) => path)
  return Object.fromEntries(
    Object.entries(byPath).map(([path, all = []]) => [
      path,
      Object.fromEntries(all.map(([name, each]) => [each.method.toLowerCase(), operationOf(name, each)])),
    ]),
  )
}

/** Of the API; what is not added to it is another one. */
const version = '1.0.0'

export const openApi = (): Json => ({
  openapi: '3.1.0',
  info: {
    ...{ title: 'Countermand', version },
    description:
      'Orders, requests to cancel them and what becomes of these. Amounts are in minor units, times in RFC 3339.',
  },
  servers: [{ url: 'http://127.0.0.1:8087' }],
  security: [{ key: [] }],
  paths: paths(),
  components: {
    securitySchemes: { key: { type: 'http', scheme: 'bearer', description: '`saga key create` makes one' } },
    responses: {
      problem: { description: 'RFC 9457', content: { 'application/problem+json': { schema: problem } } },
    },
  },
})
