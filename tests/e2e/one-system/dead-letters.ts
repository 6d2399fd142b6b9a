import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventHeaders, topics } from '@countermand/contracts'
import { eventually } from '@countermand/testing'
import { upstreamHeaders } from '@countermand/tools/shop/outside.ts'
import { orderOf, scenarios } from '@countermand/tools/shop/scenarios.ts'
import type { DeadLetter } from '@countermand/workflows/operations/dead-letters/document.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { world } from './system.ts'

const topic = topics.ordersPlaced
const [plain] = scenarios
if (plain === undefined) throw new Error('expected a scenario')
const scenario = plain

// Each of their commands is a process of its own, which takes its time on a busy machine.
const patient = { timeout: 180_000 }

describe('dead letters of the running system', patient, () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countermand-letters-'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  const letterOf = (key: string, which: (letter: DeadLetter) => boolean = () => true) =>
    eventually(
      `a dead letter of ${key}`,
      async () => (await world.deadLetters()).find((letter) => letter.key === key && which(letter)),
      40_000,
    )
  const file = async (value: object) => {
    const path = join(directory, `${randomUUID()}.json`)
    await writeFile(path, JSON.stringify(value))
    return path
  }

  it('are shown as failed again when redriven in vain, and taken with a better value', async () => {
    const orderId = `ord-letter-${randomUUID().slice(0, 8)}`
    const good = orderOf(scenario, orderId, new Date().toISOString())
    const headers = upstreamHeaders('order.placed.v1', orderId)
    await world.outside.publishRaw({ topic, key: orderId, headers, value: JSON.stringify({ ...good, customerId: 7 }) })
    const { id } = await letterOf(orderId)

    const vain = await world.saga('dlq', 'redrive', id, '--by', 'ada', '--why', 'perhaps it works now')
    expect(vain).toMatchObject({ code: 0, stderr: expect.stringContaining(`${id} will probably fail again`) })
    const again = await letterOf(orderId, ({ redrivenFrom }) => redrivenFrom === id)
    expect(again).toMatchObject({ state: 'open', redriven: false, redrives: 1, eventId: headers.ce_id })
    expect(await letterOf(orderId, (letter) => letter.id === id)).toMatchObject({
      state: 'failed-again',
      redriven: true,
      failedAgainAs: again.id,
    })
    const bad = await world.saga('dlq', 'redrive', again.id, '--edit', await file({ ...good, customerId: '' }))
    expect(bad).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: .*customerId/m) })
    const args = ['--edit', await file(good), '--by', 'ada', '--why', 'checkout was wrong']
    expect(await world.saga('dlq', 'redrive', again.id, ...args)).toMatchObject({ code: 0 })
    await eventually('the order', async () =>
      world.story(orderId).then(
        ({ order }) => order?.status === 'paid',
        () => false,
      ),
    )
    const shown = await world.saga('dlq', 'show', again.id, '--json')
    expect(JSON.parse(shown.stdout)).toMatchObject({
      id: again.id,
      state: 'redriven',
      headers,
      failures: [{ service: 'order', reason: 'invalid-data' }],
      log: [
        { what: 'redriven', by: 'ada', why: 'checkout was wrong', edited: true, eventId: `dead-letter/${again.id}` },
      ],
    })
  })

  it('are taken when redriven though their event had been seen before it was put aside', async () => {
    const orderId = `ord-late-${randomUUID().slice(0, 8)}`
    const placedAt = new Date().toISOString()
    const parcel = { shipmentId: 'late-1', carrier: 'sandbox', trackingNumber: 'OK-9', status: 'in-transit' } as const
    await world.outside.publish('shipment.updated.v1', orderId, { ...parcel, orderId, at: placedAt })
    const { id } = await letterOf(orderId, ({ reason }) => reason === 'unknown-order')
    await world.outside.publish('order.placed.v1', orderId, orderOf(scenario, orderId, placedAt))
    await eventually('the order', async () =>
      world
        .story(orderId)
        .then(({ order }) => order !== null)
        .catch(() => false),
    )
    expect(await world.saga('dlq', 'redrive', id)).toMatchObject({ code: 0 })
    await eventually('the parcel', async () =>
      (await world.story(orderId)).shipments.some((each) => each.shipmentId === 'late-1'),
    )
  })

  it('of a command are named in its answer, and answered to its asker once they are redriven', async () => {
    const orderId = `ord-command-${randomUUID().slice(0, 8)}`
    const question = { orderId, requestId: randomUUID(), round: 1 }
    const source = { source: '/test', type: 'ReadCancellation', time: new Date().toISOString(), subject: orderId }
    const headers = {
      ...eventHeaders({ id: `${orderId}/${question.requestId}/read-cancellation/do/1`, ...source }),
      'reply-topic': topics.sagaReplies,
      'reply-to': 'nobody-whom-the-orchestrator-knows',
    }
    await world.outside.publishRaw({
      topic: topics.orderCommands,
      key: orderId,
      headers,
      value: JSON.stringify({ ...question, round: 'one' }),
    })
    const rejected = await letterOf(orderId, ({ type }) => type === 'CommandRejected')
    const { value } = z
      .object({ value: z.string() })
      .parse(JSON.parse((await world.saga('dlq', 'show', rejected.id, '--json')).stdout))
    const { deadLetterId } = z.object({ deadLetterId: z.string() }).parse(JSON.parse(value))
    expect(await world.saga('dlq', 'show', deadLetterId)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('round'),
    })
    expect(await world.saga('dlq', 'redrive', deadLetterId, '--edit', await file(question))).toMatchObject({ code: 0 })
    const answered = await letterOf(orderId, ({ type }) => type === 'CancellationRead')
    expect(answered).toMatchObject({ topic: topics.sagaReplies, service: 'orchestrator', reason: 'missing-headers' })
  })
})
