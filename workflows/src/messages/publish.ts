import type { OutgoingMessage } from '@countermand/kafka/message.ts'

/** Resolves when the broker has acknowledged the messages. */
export type Publish = (messages: readonly OutgoingMessage[]) => Promise<void>
