import { expect, it } from 'vitest'
import { copiesToAcknowledge, keptMs, mayComeAgainMs, topicPlan, topics } from './topics.ts'

it('plans every topic once, each with its dead letters, and each setting that a lost disk or a stranger could turn on us', () => {
  const names = topicPlan().map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const topic of Object.values(topics)) expect(names).toContain(topic)
  for (const { name, config } of topicPlan()) {
    expect(config, name).toMatchObject({
      'unclean.leader.election.enable': 'false',
      'compression.type': 'gzip',
      'message.timestamp.type': 'LogAppendTime',
      'retention.bytes': '-1',
    })
    expect(Number(config['retention.ms']), name).toBeGreaterThan(0)
  }
})

it('has one copy away and still takes messages', () => {
  expect([1, 2, 3, 5].map(copiesToAcknowledge)).toEqual([1, 1, 2, 2])
})

it('says for how long a message may come again: a segment longer than it is kept', () => {
  expect(mayComeAgainMs(keptMs.work) / 3_600_000).toBeCloseTo(7 * 24 + 12 + 1 / 12)
  expect(mayComeAgainMs(keptMs.fastAnswers) / 60_000).toBeCloseTo(60 + 30 + 5)
})
