/**
 * Ids that say what they name. What separates parts is escaped in them, so that two different lists of parts never make the same id;
 * ordinary ids are left as they are.
 */
const part = (text: string): string => text.replaceAll('%', '%25').replaceAll('/', '%2F')

export type Direction = 'do' | 'undo'

/** `<orderId>/<requestId>/<step>/<do|undo>/<round>`: a retry keeps it, a recorded decision opens the next round. */
export const commandId = (command: {
  readonly orderId: string
  readonly requestId: string
  readonly step: string
  readonly direction: Direction
  readonly round: number
}): string =>
  [command.orderId, command.requestId, command.step, command.direction, String(command.round)].map(part).join('/')

/**
 * `<orderId>/<of>/<type>/<more>`: a second publication is a duplicate. `of` is the request (or shipment) that the event tells of,
 * `more` tells apart several events of one type about it.
 */
export const eventId = (orderId: string, type: string, of?: string, ...more: readonly string[]): string =>
  [orderId, ...(of === undefined ? [] : [of]), type, ...more].map(part).join('/')

/** The id of a cancellation's saga, which is also its workflow id in Temporal. */
export const sagaId = (orderId: string, requestId: string): string => `cancel-${orderId}-${requestId}`

/** Where a dead letter came from, and its id. */
export const deadLetterId = (topic: string, partition: number, offset: string): string =>
  `${topic}:${partition}:${offset}`
