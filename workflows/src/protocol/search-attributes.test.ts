import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const payload = z.object({ data: z.string().optional() })
const event = z.looseObject({
  eventType: z.string(),
  upsertWorkflowSearchAttributesEventAttributes: z
    .object({ searchAttributes: z.object({ indexedFields: z.record(z.string(), payload) }) })
    .optional(),
})
const history = z.object({ events: z.array(event) })

/** What a recorded run said to the search, in order; and how many events came after the last of it. */
const searchable = (name: string) => {
  const file = fileURLToPath(new URL(`../../histories/${name}.json`, import.meta.url))
  const { events } = history.parse(JSON.parse(readFileSync(file, 'utf8')))
  const said = events.flatMap(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) => {
    if (upsert === undefined) return []
    const fields = Object.entries(upsert.searchAttributes.indexedFields)
    const read = fields.map(([key, { data = '' }]) => [
      key,
      JSON.parse(Buffer.from(data, 'base64').toString() || 'null'),
    ])
    return [Object.fromEntries(read)]
  })
  const last = events.findLastIndex((each) => each.upsertWorkflowSearchAttributesEventAttributes !== undefined)
  return { said, after: events.slice(last + 1).map(({ eventType }) => eventType) }
}

describe('search attributes are billed, so', () => {
  test.each([
    ['cancelled', 'cancelled'],
    ['fast-cancelled', 'cancelled'],
    ['refund-refused', 'compensated'],
    ['fast-refund-refused', 'compensated'],
  ])('a run that waits for nobody sets them once, at its end: %s', (name, outcome) => {
    const { said, after } = searchable(name)
    expect(said).toMatchObject([{ SagaStage: 'closed', SagaOutcome: outcome, MerchantId: 'mer-3' }])
    expect(after).toEqual(['EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED'])
  })

  test('a run that waits sets them before it waits, and at its end', () => {
    const { said } = searchable('merchant-approves')
    expect(said).toMatchObject([{ SagaStage: 'confirming', MerchantId: 'mer-3' }, { SagaOutcome: 'cancelled' }])
    expect(searchable('fast-then-pending').said).toMatchObject([{ SagaStage: 'refunding' }, { SagaStage: 'closed' }])
  })

  test('a run that needs a person says so while it does', () => {
    expect(searchable('parked-and-retried').said).toMatchObject([
      { NeedsAttention: true, AttentionReason: 'step-failed' },
      { NeedsAttention: false, AttentionReason: null },
      { SagaOutcome: 'cancelled' },
    ])
  })
})
