import { randomUUID } from 'node:crypto'
import type { DeadLetterReason } from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka'

/** A command that cannot be read, made of one that can. */
export interface BadCommand {
  readonly name: string
  readonly reason: DeadLetterReason
  readonly spoil: (message: OutgoingMessage) => OutgoingMessage
}

const headers = (changes: Readonly<Record<string, string | undefined>>) => (message: OutgoingMessage) => {
  const all = { ...message.headers, ...changes }
  return {
    ...message,
    headers: Object.fromEntries(Object.entries(all).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]]))),
  }
}
const value = (text: string) => (message: OutgoingMessage) => ({ ...message, value: text })
const fields = (changes: Readonly<Record<string, unknown>>) => (message: OutgoingMessage) => ({
  ...message,
  value: JSON.stringify({ ...JSON.parse(String(message.value)), ...changes }),
})

/** What any participant may be sent by mistake. */
export const badCommands: readonly BadCommand[] = [
  { name: 'unreadable JSON', reason: 'unreadable-json', spoil: value('{ "orderId": ') },
  { name: 'a list', reason: 'not-an-object', spoil: value('[1, 2]') },
  { name: 'no ce_specversion', reason: 'missing-headers', spoil: headers({ ce_specversion: undefined }) },
  { name: 'no ce_id', reason: 'missing-headers', spoil: headers({ ce_id: undefined }) },
  { name: 'an unknown command', reason: 'unknown-type', spoil: headers({ ce_type: 'MakeCoffee' }) },
  { name: 'no requestId', reason: 'invalid-data', spoil: fields({ requestId: undefined }) },
  { name: 'a round that is text', reason: 'invalid-data', spoil: fields({ round: 'one' }) },
  { name: 'a round of 0', reason: 'invalid-data', spoil: fields({ round: 0 }) },
  { name: 'a NUL in an id', reason: 'invalid-data', spoil: fields({ requestId: 'req\0' }) },
  { name: 'a requestId of 900 KB', reason: 'invalid-data', spoil: fields({ requestId: 'x'.repeat(900_000) }) },
  { name: 'another order as key', reason: 'key-mismatch', spoil: (message) => ({ ...message, key: randomUUID() }) },
  { name: 'no key', reason: 'key-mismatch', spoil: (message) => ({ ...message, key: null }) },
]

/** Where the command has a note. */
export const badNote: BadCommand = {
  name: 'a note of 900 KB',
  reason: 'invalid-data',
  spoil: fields({ reason: { code: 'other', note: 'x'.repeat(900_000) } }),
}
