import { commandTopic, deadLetterTopic, topics } from '@countermand/contracts'
import { expect, it } from 'vitest'
import type { Bus } from '../../bus.ts'
import { eventually } from '../../eventually.ts'
import type { GetRig } from '../rig.ts'
import type { Role } from '../role.ts'
import { badCommands, badNote } from './bad-commands.ts'

/** How many messages a topic holds. */
const countOf = async ({ kafka }: Bus, topic: string): Promise<number> => {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const ends = await admin.fetchTopicOffsets(`${kafka.prefix}${topic}`)
    return ends.reduce((sum, { high }) => sum + Number(high), 0)
  } finally {
    await admin.disconnect()
  }
}

/** What cannot be read is a dead letter with its reason, and holds up nobody. */
export const deadLetterRules = (role: Role, rig: GetRig): void => {
  const [main] = role.steps
  const topic = commandTopic(role.service)
  const all = main.command === 'BeginCancellation' ? [...badCommands, badNote] : badCommands

  it.for(all)(
    'makes a dead letter of $name ($reason), tells its asker, and answers what comes behind it',
    async (bad) => {
      const { talk, order } = rig()
      const ids = await order()
      const spoilt = talk.question(main, ids)
      const message = bad.spoil(spoilt.message)
      const good = talk.question(main, ids)
      await talk.bus.send([message, good.message])
      expect((await talk.final(good)).type).toBe(main.yes)
      const rejected = await talk.final(spoilt)
      expect(rejected.type).toBe('CommandRejected')
      const letter = await eventually('the dead letter', () =>
        talk.bus.seen.find(
          (each) => each.topic === deadLetterTopic(topic) && each.headers['reply-to'] === spoilt.replyTo,
        ),
      )
      expect(letter.headers).toMatchObject({
        ...message.headers,
        'dlq-reason': bad.reason,
        'dlq-original-topic': topic,
      })
      expect(letter.value?.toString()).toBe(message.value)
      expect(letter.key).toBe(message.key)
      const {
        'dlq-error': error = '',
        'dlq-original-partition': partition,
        'dlq-original-offset': offset,
      } = letter.headers
      expect(error).toMatch(/expected/)
      expect(Buffer.byteLength(error)).toBeLessThanOrEqual(2048)
      expect(rejected.data).toMatchObject({ deadLetterId: `${topic}:${partition}:${offset}` })
      for (const name of ['dlq-attempts', 'dlq-failed-at', 'dlq-service']) expect(letter.headers[name]).toBeTruthy()
    },
  )

  it('writes no answer on a topic that is not for answers', async () => {
    const { talk, order } = rig()
    const ids = await order()
    const forged = talk.question(main, ids)
    const headers = { ...forged.message.headers, 'reply-topic': topics.cancelRequests }
    const good = talk.question(main, ids)
    await talk.bus.send([{ ...forged.message, headers }, good.message])
    expect((await talk.final(good)).type).toBe(main.yes)
    const letter = await eventually('the dead letter', () =>
      talk.bus.seen.find(
        (each) => each.topic === deadLetterTopic(topic) && each.headers['reply-to'] === forged.replyTo,
      ),
    )
    expect(letter.headers).toMatchObject({
      'dlq-reason': 'reply-topic-not-allowed',
      'dlq-error': expect.stringContaining(topics.cancelRequests),
    })
    expect(await countOf(talk.bus, topics.cancelRequests)).toBe(0)
  })
}
