import { setTimeout as sleep } from 'node:timers/promises'
import { ensureTopics } from '@countermand/kafka'
import { expect, it } from 'vitest'
import { type Bus, createBus } from '../../bus.ts'
import { eventually } from '../../eventually.ts'
import { isPending, type Question } from '../conversation.ts'
import type { GetRig, Rig } from '../rig.ts'
import type { Ids, Role, Step } from '../role.ts'

/** A topic of answers that is not there at first: the participant must be allowed to answer on it. */
export const lateReplies = 'conformance.late-replies.v1'

/** Each is answered with one "yes", and done once. */
const expectEachOnce = async (rig: Rig, step: Step, questions: readonly Question[], withinMs: number) => {
  for (const { type } of await rig.talk.finals(questions, withinMs)) expect(type).toBe(step.yes)
  for (const each of questions) {
    const finals = rig.talk.heard(each).filter((answer) => !isPending(answer))
    expect(new Set(finals.map(({ id }) => id)).size).toBe(1)
  }
  const calm = await rig.orderAfter(step)
  await rig.expectAlike([calm.orderId, ...questions.map(({ ids }) => ids.orderId)])
}

/** Waits until all of a topic is committed by the groups that read it: what is not comes again after a kill, and is answered again. */
const untilCommitted = async ({ kafka }: Bus, topic: string): Promise<void> => {
  const name = `${kafka.prefix}${topic}`
  const admin = kafka.admin()
  await admin.connect()
  const isCommitted = async (groupId: string): Promise<boolean> => {
    const [found] = await admin.fetchOffsets({ groupId, topics: [name] })
    const committed = new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    if ([...committed.values()].every((offset) => offset < 0)) return true
    const ends = await admin.fetchTopicOffsets(name)
    return ends.every(({ partition, high }) => high === '0' || (committed.get(partition) ?? -1) >= Number(high))
  }
  try {
    await eventually('all commands to be committed', async () => {
      const { groups } = await admin.listGroups()
      const ours = groups.filter(({ groupId }) => groupId.startsWith(kafka.prefix))
      return (await Promise.all(ours.map(({ groupId }) => isCommitted(groupId)))).every((committed) => committed)
    })
  } finally {
    await admin.disconnect()
  }
}

/** Sends the commands in waves of ten, `everyMs` apart. */
const inWaves = async (rig: Rig, questions: readonly Question[], everyMs: number) => {
  for (let from = 0; from < questions.length; from += 10) {
    await rig.talk.send(...questions.slice(from, from + 10))
    await sleep(everyMs)
  }
}

/** Sends five commands every quarter of a second until something is over, and fifteen more; gives back those sent. */
const untilOver = async (rig: Rig, questions: readonly Question[], state: { readonly isOver: boolean }) => {
  const afterwards = 15
  let sent = 0
  for (let left = afterwards; left > 0; ) {
    await sleep(250)
    if (!state.isOver && sent + afterwards >= questions.length) continue
    if (state.isOver) left -= 5
    await rig.talk.send(...questions.slice(sent, sent + 5))
    sent += 5
  }
  return questions.slice(0, sent)
}

/** Nothing is lost and nothing is done twice, whatever breaks. These rules end processes: they run one after the other, and last. */
export const faultRules = (role: Role, rig: GetRig): void => {
  const [main] = role.steps
  const questionsOf = (all: readonly Ids[]) => all.map((ids) => rig().talk.question(main, ids))
  const answered: Question[] = []

  it('answers 300 commands of 300 orders, sent at once, each once', async () => {
    const { talk, orders } = rig()
    const questions = questionsOf(await orders(300))
    const started = performance.now()
    await talk.send(...questions)
    await talk.finals(questions, 40_000)
    const perSecond = Math.round(300_000 / (performance.now() - started))
    console.info(`${role.service}: 300 × ${main.command} answered at ${perSecond} per second`)
    await expectEachOnce(rig(), main, questions, 1_000)
    for (const each of questions) expect(talk.heard(each).filter((answer) => !isPending(answer))).toHaveLength(1)
    answered.push(...questions.slice(0, 5))
  }, 90_000)

  it('loses and doubles nothing when its database connections are cut again and again', async (test) => {
    const { orders, participant } = rig()
    const questions = questionsOf(await orders(100))
    let cut = 0
    const flowing = inWaves(rig(), questions, 150)
    for (let time = 0; time < 6; time++) {
      cut += await participant.cutConnections()
      await sleep(250)
    }
    await flowing
    test.skip(cut === 0, 'it keeps no connection to the database that the suite gave it')
    await expectEachOnce(rig(), main, questions, 40_000)
  }, 90_000)

  it('loses and doubles nothing when a second process joins and the first leaves', async () => {
    const { orders, launch, instance } = rig()
    const questions = questionsOf(await orders(300))
    const state = { isOver: false }
    const flowing = untilOver(rig(), questions, state)
    rig().instance = await launch()
    await instance.stop()
    state.isOver = true
    await expectEachOnce(rig(), main, await flowing, 40_000)
  }, 120_000)

  it('gives duplicates the stored answer also in a process that was started later', async () => {
    const { talk } = rig()
    const again = answered.map(({ ids }) => talk.question(main, ids))
    expect(again).not.toEqual([])
    await talk.send(...again)
    const stored = await talk.finals(again)
    expect(stored.map(({ data }) => data)).toEqual((await talk.finals(answered)).map(({ data }) => data))
  })

  it('is not held up by an answer that cannot be delivered, and delivers it after a kill -9, once', async () => {
    const { talk, order, orderAfter, expectAlike, participant, instance, launch } = rig()
    const ids = await order()
    const asked = talk.question(main, ids)
    // Its topic is not there yet: what is committed cannot be published.
    const headers = { ...asked.message.headers, 'reply-topic': lateReplies }
    await talk.bus.send([{ ...asked.message, headers }])
    const done = await orderAfter(main)
    await expectAlike([done.orderId, ids.orderId])
    const { unpublished } = participant
    if (unpublished !== undefined)
      await eventually('a committed answer that is not published', async () => (await unpublished(ids.orderId)) > 0)
    await untilCommitted(talk.bus, asked.message.topic)
    await instance.kill()

    const { brokers } = participant
    const { prefix } = talk.bus.kafka
    await ensureTopics({ brokers: brokers.split(',') }, [{ name: lateReplies, partitions: 1 }], {
      prefix,
      partitions: 1,
      replication: 1,
    })
    const bus = await createBus({ brokers, topics: [lateReplies], prefix })
    try {
      rig().instance = await launch()
      const answers = () => bus.seen.filter((message) => message.headers['reply-to'] === asked.replyTo)
      await eventually('the answer', () => answers().some(({ headers: { ce_type } }) => ce_type === main.yes))
      await sleep(1_500)
      expect(answers().filter(({ headers: { ce_type } }) => ce_type !== 'StepPending')).toHaveLength(1)
      await expectAlike([done.orderId, ids.orderId])
    } finally {
      await bus.stop()
    }
  }, 90_000)
}
