import { deadLetterReason } from '@countermand/contracts/envelope.ts'
import type { Metrics } from '@countermand/telemetry'
import type { OutgoingMessage } from './message.ts'

const deadLetters = (metrics: Metrics) =>
  metrics.counter<'topic' | 'reason'>({
    name: 'countermand_dead_letters_total',
    help: 'Dead letters that the broker has taken, by the topic that they were read from and by reason',
    labelNames: ['topic', 'reason'],
  })

/** Begins the counts of the dead letters of these topics at 0: Prometheus sees no increase in a count that was not there before. */
export const expectDeadLetters = (metrics: Metrics, topics: readonly string[]): void => {
  const counter = deadLetters(metrics)
  for (const topic of topics) for (const reason of deadLetterReason.options) counter.inc({ topic, reason }, 0)
}

/** Called when messages are sent; what it returns, when the broker has answered. */
export type PublisherMeter = (messages: readonly OutgoingMessage[]) => (result: 'taken' | 'failed') => void

/** What the one writer of a process counts. */
export const publisherMetrics = (metrics: Metrics | undefined): PublisherMeter => {
  if (metrics === undefined) return () => () => {}
  const letters = deadLetters(metrics)
  const seconds = metrics.histogram<'result'>({
    name: 'countermand_publish_seconds',
    help: 'Time of one send to the broker, from sent to acknowledged or failed',
    labelNames: ['result'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
  })
  const published = metrics.counter<'topic'>({
    name: 'countermand_published_messages_total',
    help: 'Messages that the broker has taken, by topic',
    labelNames: ['topic'],
  })
  return (messages) => {
    const end = seconds.startTimer()
    return (result) => {
      end({ result })
      if (result === 'failed') return
      for (const { topic, headers } of messages) {
        published.inc({ topic })
        const { 'dlq-original-topic': original, 'dlq-reason': reason } = headers
        if (original !== undefined && reason !== undefined) letters.inc({ topic: original, reason })
      }
    }
  }
}
