import { type Answer, answers, type CommandName, isAnswerName, topics } from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka'
import { decodeReplyTo, type FastReplyTo, type ReplyTo } from '@countermand/workflows/src/messages/reply-to.ts'
import { ApplicationFailure } from '@temporalio/activity'
import { commandOf, openShop, type ShopOptions } from './shop.ts'

/** What befalls a command in its first round on its way to the service and back. */
export interface Mishap {
  readonly command: CommandName
  readonly kind: /** The attempt has no answer: the service never got it, `times` times. */
    | 'question-lost'
    /** The attempt has no answer, but the service did it, `times` times. */
    | 'answer-lost'
    /** On its way until it is released, the first `times` times. */
    | 'question-held'
    /** Done; the answer is on its way until it is released. */
    | 'answer-held'
    /** The service could not do it, and has given up. */
    | 'fails'
    /** The service could not read it. */
    | 'unreadable'
  readonly times?: number
}

/** Gives an answer to whoever asked; nobody waits for it: nothing happens. */
export type Complete = (replyTo: ReplyTo | FastReplyTo, answer: Answer) => Promise<void>

/** An attempt that has timed out, without the seconds that it takes: the next one follows at once. */
const timedOut = () => ApplicationFailure.create({ message: 'no answer in time', nextRetryDelay: 5 })

const given: Readonly<Record<'fails' | 'unreadable', Answer>> = {
  fails: { type: 'StepFailed', error: 'the database is full', attempts: 20, moneyInDoubt: false },
  unreadable: { type: 'CommandRejected', deadLetterId: 'x.commands.v1:0:7', reason: 'expected lines, got none' },
}

const answerIn = ({ headers, value }: OutgoingMessage): Answer => {
  const type = headers.ce_type ?? ''
  if (!isAnswerName(type)) throw new Error(`expected an answer, got ${type}`)
  // The contract of this very type has checked the fields; the compiler cannot pair a type with its schema.
  return { type, ...answers[type].parse(JSON.parse(String(value))) } as Answer
}

const addressOf = ({ headers }: OutgoingMessage): ReplyTo | FastReplyTo => {
  const replyTo = decodeReplyTo(headers['reply-to'] ?? '')
  if (replyTo === undefined) throw new Error(`expected the header reply-to as it was sent, got ${headers['reply-to']}`)
  return replyTo
}

const isAnswer = ({ topic }: OutgoingMessage): boolean =>
  topic === topics.sagaReplies || topic === topics.sagaFastReplies

/** A shop and the way to it, on which commands and answers get lost, held up or spoilt. */
export const openPost = (options: ShopOptions, mishaps: readonly Mishap[], complete: Complete) => {
  const shop = openShop({ ...options, intercept: (message) => isAnswer(message) && answer(message) })
  const asked: string[] = []
  const met = new Map<Mishap, number>()
  const dropped = new Set<string>()
  let held: { readonly command: string; readonly arrive: () => Promise<void> }[] = []
  let answering: Promise<void>[] = []
  const putAside: OutgoingMessage[] = []

  const reply = async (replyTo: ReplyTo | FastReplyTo, given: Answer) => {
    if ('final' in replyTo && replyTo.final && given.type === 'StepPending') return
    await complete(replyTo, given)
  }

  const answer = (message: OutgoingMessage): true => {
    const replyTo = addressOf(message)
    const found = mishaps.find(({ command, kind }) => kind === 'answer-held' && command === replyTo.command)
    const send = () => reply(replyTo, answerIn(message))
    if (found !== undefined && met.get(found) === undefined) held.push({ command: found.command, arrive: send })
    else if (!dropped.has(replyTo.command)) answering.push(send())
    return true
  }

  const deliver = async (message: OutgoingMessage) => {
    await shop.command(message)
    const sent = answering
    answering = []
    await Promise.all(sent)
  }

  const loseAnswer = async (name: CommandName, message: OutgoingMessage) => {
    dropped.add(name)
    await deliver(message)
    dropped.delete(name)
    throw timedOut()
  }

  const note = (name: CommandName, round: number) => {
    const line = round === 1 ? name : `${name} ${round}`
    if (name !== 'RecordCancellation' && !asked.includes(line)) asked.push(line)
  }

  const isStill = (mishap: Mishap) => (met.get(mishap) ?? 0) < (mishap.times ?? Number.POSITIVE_INFINITY)

  return {
    shop,
    /** What was asked, in order, repetitions left out: `StopShipment`, or `StopShipment 2` in its second round. Records are not in it. */
    asked,
    /** Takes a command on its way. */
    send: async (message: OutgoingMessage): Promise<void> => {
      const { name, round } = commandOf(message)
      note(name, round)
      const mishap = mishaps.find((each) => each.command === name && round === 1 && isStill(each))
      if (mishap === undefined || mishap.kind === 'answer-held') return deliver(message)
      const { kind } = mishap
      met.set(mishap, (met.get(mishap) ?? 0) + 1)
      if (kind === 'question-held') return void held.push({ command: name, arrive: () => deliver(message) })
      if (kind === 'unreadable') putAside.push(message)
      if (kind === 'fails' || kind === 'unreadable') return reply(addressOf(message), given[kind])
      if (kind === 'answer-lost') return loseAnswer(name, message)
      throw timedOut()
    },
    /** Sends what could not be read again, as it would have been right. */
    redrive: async (): Promise<void> => {
      for (const message of putAside.splice(0)) await deliver(message)
    },
    /** Whether this command, or its answer, is held up. */
    holds: (command: CommandName): boolean => held.some((each) => each.command === command),
    /** Lets what was held up arrive, however late: of one command, or everything. */
    release: async (command?: CommandName): Promise<void> => {
      const isMeant = (each: { readonly command: string }) => command === undefined || each.command === command
      for (const mishap of mishaps)
        if (mishap.kind.endsWith('-held') && isMeant(mishap)) met.set(mishap, Number.POSITIVE_INFINITY)
      const arriving = held.filter(isMeant)
      held = held.filter((each) => !isMeant(each))
      for (const { arrive } of arriving) await arrive()
    },
  }
}

export type Post = ReturnType<typeof openPost>
