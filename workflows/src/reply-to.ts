import { z } from 'zod'

const address = z.object({
  workflowId: z.string(),
  activityId: z.string(),
  /** The command that was sent: what may answer it. */
  command: z.string(),
  /** True: the activity waits for the end of the step, `StepPending` does not complete it. */
  final: z.boolean(),
})

/** The activity that an answer completes. Services give it back as it came and know nothing of Temporal. */
export type ReplyTo = z.infer<typeof address>

export const encodeReplyTo = (replyTo: ReplyTo): string => Buffer.from(JSON.stringify(replyTo)).toString('base64url')

/** The address that an answer came back with; `undefined` when it is none of ours. */
export const decodeReplyTo = (text: string): ReplyTo | undefined => {
  try {
    return address.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))).data
  } catch {
    return undefined
  }
}
