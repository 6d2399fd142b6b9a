import { z } from 'zod'

/** As long as Temporal takes ids; without one it would take the answer for anybody's. */
const id = z.string().min(1).max(1000)

/** The command that was sent: what may answer it. */
const command = z.string()

const activity = z.object({
  workflowId: id,
  activityId: id,
  command,
  /** True: the activity waits for the end of the step, `StepPending` does not complete it. */
  final: z.boolean(),
})

/** Somebody who waits in the process that reads the answer; when nobody does any more, the activity that asks or awaits after them. */
const waiter = z.object({ waiter: id, workflowId: id, activityId: id, command })

/** The activity that an answer completes. Services give it back as it came and know nothing of Temporal. */
export type ReplyTo = z.infer<typeof activity>
export type FastReplyTo = z.infer<typeof waiter>
/** Where an answer is taken that the fast lane waits for no more. */
export type SlowPlace = Pick<FastReplyTo, 'workflowId' | 'activityId'>

const address = z.union([activity, waiter])

export const encodeReplyTo = (replyTo: ReplyTo | FastReplyTo): string =>
  Buffer.from(JSON.stringify(replyTo)).toString('base64url')

/** The address that an answer came back with; `undefined` when it is none of ours. */
export const decodeReplyTo = (text: string): ReplyTo | FastReplyTo | undefined => {
  try {
    return address.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))).data
  } catch {
    return undefined
  }
}
