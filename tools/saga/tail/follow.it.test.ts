import { randomUUID } from 'node:crypto'
import { topicPlan, topics } from '@countermand/contracts'
import { connectKafka, createPublisher, ensureTopics } from '@countermand/kafka'
import { eventually } from '@countermand/testing'
import { isAbout, type Line, lineOf } from '@countermand/tools/saga/tail/line.ts'
import { follow } from '@countermand/workflows/operations/follow/follow.ts'
import { upstreamMessage } from '@countermand/workflows/operations/reach/upstream.ts'
import { expect, inject, it } from 'vitest'

const told = (orderId: string) => ({
  ...upstreamMessage('order.cancellation.withdrawn.v1', orderId, { orderId, requestId: `req-${orderId}`, by: 'cus-7' }),
  topic: topics.cancellations,
})

it('the public story is followed from now, or from a moment, and nothing is left in Kafka', async () => {
  const brokers = inject('stack').kafkaBrokers.split(',')
  const prefix = `tail-${randomUUID().slice(0, 8)}.`
  await ensureTopics({ brokers }, topicPlan(), { prefix, partitions: 2, replication: 1 })
  const kafka = connectKafka({ brokers, clientId: 'tail-test', prefix })
  const publisher = createPublisher({ kafka })
  const over = new AbortController()
  const listen = (since: Date | undefined) => {
    const lines: (Line | undefined)[] = []
    const ready = Promise.withResolvers<void>()
    const caughtUp = Promise.withResolvers<void>()
    const ended = follow({
      ...{ kafka, since, signal: over.signal, onReady: ready.resolve, onCaughtUp: caughtUp.resolve },
      onMessage: (message) => lines.push(lineOf(message)),
    })
    return { lines, ended, ready: ready.promise, caughtUp: caughtUp.promise }
  }
  const before = new Date()
  await publisher.publish([told('ord-before')])
  const [all, fresh] = [listen(before), listen(undefined)]
  await Promise.all([all.ready, fresh.ready, fresh.caughtUp, all.caughtUp])
  expect([all.lines.length, fresh.lines.length]).toEqual([1, 0])
  await publisher.publish([told('ord-after')])
  await eventually('what was told meanwhile', () => fresh.lines.length > 0 && all.lines.length > 1)
  over.abort()
  await Promise.all([all.ended, fresh.ended])
  expect(fresh.lines.map((line) => line?.orderId)).toEqual(['ord-after'])
  expect(all.lines.map((line) => line?.orderId).toSorted()).toEqual(['ord-after', 'ord-before'])
  expect(all.lines.filter((line) => line && isAbout(line, 'req-ord-b'))).toHaveLength(1)
  await publisher.stop()
  const admin = kafka.admin()
  await admin.connect()
  const { groups } = await admin.listGroups()
  await admin.disconnect()
  expect(groups.filter(({ groupId }) => groupId.startsWith(prefix))).toEqual([])
}, 60_000)
