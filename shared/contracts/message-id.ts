import { createHash } from 'node:crypto'

/**
 * Ids that say what they name. What separates parts is escaped in them, so that two different lists of parts never make the same id;
 * ordinary ids are left as they are.
 */
const part = (text: string): string => text.replaceAll('%', '%25').replaceAll('/', '%2F')

/** Whether a command does a step or takes it back. */
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

/** Longer ones PostgreSQL cannot keep, where Temporal has its search on it. */
const longestWorkflowId = 255

const digest = (parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex')

/** How the text of an id in its plain form is read: the only pair that may have it. */
type Reading = (text: string) => readonly [string, string]

/**
 * `<kind>-<first>-<second>` for the pair that this text is read as, which are ordinary ids; `<kind>/<first>/<second>`, escaped, for
 * every other, and a digest, without a second `/`, where that is too long. So no two pairs have one id.
 */
const workflowId = (kind: string, first: string, second: string, reading: Reading): string => {
  const plain = `${kind}-${first}-${second}`
  const [readFirst, readSecond] = reading(`${first}-${second}`)
  if (plain.length <= longestWorkflowId && readFirst === first && readSecond === second) return plain
  const escaped = [kind, first, second].map(part).join('/')
  return escaped.length <= longestWorkflowId ? escaped : `${kind}/${digest([first, second])}`
}

const uuid = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}'
const endsWithUuid = new RegExp(`-${uuid}$`)
const beginsWithUuid = new RegExp(`^${uuid}-`)
const uuidLength = 36

const splitAt = (text: string, place: number): readonly [string, string] => [
  text.slice(0, place),
  text.slice(place + 1),
]

/** A request that is a UUID, or begins with `req`, or has no `-` in it. */
const orderAndRequest: Reading = (text) => {
  if (endsWithUuid.test(text)) return splitAt(text, text.length - uuidLength - 1)
  const named = text.indexOf('-req')
  return splitAt(text, named >= 0 ? named : text.lastIndexOf('-'))
}

/** Of a request that is a UUID, whatever; of any other something that has no `-` in it. */
const requestAndPart: Reading = (text) => splitAt(text, beginsWithUuid.test(text) ? uuidLength : text.lastIndexOf('-'))

/** The id of a cancellation's saga, which is also its workflow id in Temporal. */
export const sagaId = (orderId: string, requestId: string): string =>
  workflowId('cancel', orderId, requestId, orderAndRequest)

/** What it was before ids were told apart: runs from then keep it. */
export const formerSagaId = (orderId: string, requestId: string): string => `cancel-${orderId}-${requestId}`

/** The workflow id of the run that settles a reversed refund. */
export const reversalId = ({
  requestId,
  tenderId,
}: {
  readonly requestId: string
  readonly tenderId: string
}): string => workflowId('refund', requestId, tenderId, requestAndPart)

/** The workflow id of the run that settles a late intercept. */
export const lateInterceptId = ({
  requestId,
  shipmentId,
}: {
  readonly requestId: string
  readonly shipmentId: string
}): string => workflowId('parcel', requestId, shipmentId, requestAndPart)

/** Where a dead letter came from, and its id. */
export const deadLetterId = (topic: string, partition: number, offset: string): string =>
  `${topic}:${partition}:${offset}`
