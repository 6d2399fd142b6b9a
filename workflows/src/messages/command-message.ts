import {
  type CommandName,
  check,
  commandId,
  commands,
  commandTopic,
  eventHeaders,
  orchestratorSource,
  serviceOf,
  stepOf,
} from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import { z } from 'zod'

const identified = z.object({
  orderId: z.string(),
  requestId: z.string(),
  round: z.number(),
  key: z.string().optional(),
})

/** The headers that say where the answer goes. */
export interface ReplyHeaders {
  readonly 'reply-topic': string
  readonly 'reply-partition'?: string
  readonly 'reply-to': string
}

/** A command that does not pass its contract: asking again would not change it. */
export class UnsendableCommand extends Error {
  override readonly name = 'UnsendableCommand'
  constructor(command: CommandName, problems: string) {
    super(`expected ${command} to pass its contract; ${problems}`)
  }
}

/** A command as a message. The data are checked against the contract: a bug is caught before it is sent. Throws {@link UnsendableCommand}. */
export const commandMessage = (
  name: CommandName,
  given: unknown,
  now: string,
  reply?: ReplyHeaders,
): OutgoingMessage => {
  const { direction, data: schema } = commands[name]
  const checked = check(schema, given)
  if (!checked.ok) throw new UnsendableCommand(name, checked.problems)
  const { data } = checked
  const service = serviceOf(name, data)
  if (service === undefined) throw new UnsendableCommand(name, 'expected a step that a service owns, got none')
  const { orderId, requestId, round, key } = identified.parse(data)
  const step = stepOf(name, key === undefined ? {} : { key })
  const id = commandId({ orderId, requestId, step, direction, round })
  return {
    topic: commandTopic(service),
    key: orderId,
    value: JSON.stringify(data),
    headers: {
      ...eventHeaders({ id, source: orchestratorSource, type: name, time: now, subject: requestId }),
      ...reply,
    },
  }
}
