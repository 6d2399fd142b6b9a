import { type Fields, isObject } from './json.ts'

/**
 * CloudEvents in Kafka's structured mode, as the JSON format has them: the whole event, its attributes with its data, is the value. Plain
 * functions about JSON that was read; what it must be is for the envelope to say.
 */

/** The content type of an event in structured mode, as JSON. */
export const structuredContentType = 'application/cloudevents+json'

/** A content type without its parameters, in small letters; empty: none. */
export const mediaTypeOf = (headers: Readonly<Record<string, string>>): string =>
  (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

/** Whether a value is an event as a whole, whatever its headers say: some libraries send it with the content type of its data, or with none. */
const isWholeEvent = (value: unknown): value is Fields =>
  isObject(value) && ['specversion', 'id', 'source', 'type'].every((name) => typeof value[name] === 'string')

/** No header of the binary mode says what it is. */
const saysNothing = (headers: Readonly<Record<string, string>>): boolean =>
  !Object.keys(headers).some((name) => name.startsWith('ce_'))

/** Whether a message is in structured mode. `json`: its value, which is looked at only where its headers do not say it. */
export const isStructured = (headers: Readonly<Record<string, string>>, json: () => unknown): boolean =>
  mediaTypeOf(headers) === structuredContentType || (saysNothing(headers) && isWholeEvent(json()))

/** What a message without attributes seems to be, in words; `undefined`: nothing known. */
export const hintOnMode = (headers: Readonly<Record<string, string>>, value: unknown): string | undefined => {
  const mediaType = mediaTypeOf(headers)
  if (mediaType.startsWith('application/cloudevents-batch') || (Array.isArray(value) && value.some(isWholeEvent)))
    return 'it is a batch of events: send each as a message of its own'
  if (mediaType.startsWith('application/cloudevents'))
    return `it is in structured mode as ${mediaType}: send ${structuredContentType}`
  return saysNothing(headers)
    ? `neither headers of the binary mode (ce_id, ce_source, …) nor an event as a whole were found; for the latter send the content-type ${structuredContentType}`
    : undefined
}

/** The attributes of an event: one that is null is not set. */
export const attributesIn = (event: Fields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null))

/** An event's data as JSON has it, or its bytes, or what is wrong. */
export type Carried = { readonly json: unknown } | { readonly bytes: Buffer } | { readonly problem: string }

/** Whether a content type says that data is JSON, or says nothing. */
const isJson = (type: unknown): boolean =>
  typeof type !== 'string' || /^[^/]+\/(?:json|[^/]+\+json)$/i.test(type.split(';')[0]?.trim() ?? '')

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** What an event carries: `data`, or the bytes of `data_base64`. */
export const carriedIn = ({ data, data_base64: encoded, datacontenttype: type }: Fields): Carried => {
  if (encoded === undefined || encoded === null) {
    if (typeof data !== 'string' || isJson(type)) return { json: data ?? undefined }
    return { problem: `data: expected an object, got a text, for datacontenttype is ${type}: set application/json` }
  }
  if (data !== undefined && data !== null) return { problem: 'expected data or data_base64, got both' }
  if (typeof encoded !== 'string' || !base64.test(encoded)) return { problem: 'data_base64: expected a text of base64' }
  return { bytes: Buffer.from(encoded, 'base64') }
}
