import { isObject, jsonIn } from './json.ts'

/**
 * What serializers and connectors put around or instead of the JSON that is expected. Said in words that lead to the setting: whoever reads
 * "is no JSON" of bytes that look like JSON looks in the wrong place.
 */

/** A magic byte and the schema's number, as clients of schema registries write them before each value. */
const registryBytes = 5

const startsWith = (value: Buffer, ...bytes: readonly number[]): boolean =>
  bytes.every((byte, at) => value[at] === byte)

/** What bytes that are no JSON seem to be; `undefined`: nothing known. */
export const hintOnBytes = (value: Buffer): string | undefined => {
  if (value[0] === 0 && value.length > registryBytes) {
    const schema = `the five bytes of a schema registry's serializer (schema ${value.readUInt32BE(1)})`
    return isObject(jsonIn(value.subarray(registryBytes).toString()))
      ? `${schema} come before the JSON: send it with a plain JSON or text serializer`
      : `it begins with ${schema}, and is Avro or Protobuf: send JSON`
  }
  if (startsWith(value, 0x1f, 0x8b))
    return "it is gzipped by its sender: leave compression to the producer's compression.type"
  if (startsWith(value, 0xff, 0xfe) || startsWith(value, 0xfe, 0xff)) return 'it is UTF-16: send UTF-8'
  if (startsWith(value, 0xac, 0xed))
    return 'it is a serialized Java object: send it with a plain JSON or text serializer'
  return undefined
}

const hasOnly = (value: object, ...names: readonly string[]): boolean =>
  Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name))

/** What JSON that is not the data itself seems to be; `undefined`: nothing known. */
export const hintOnJson = (value: unknown): string | undefined => {
  if (typeof value === 'string' && isObject(jsonIn(value)))
    return "the object is inside a JSON text: it was serialized twice: hand the object itself to the serializer, or its bytes (with Debezium's outbox: table.expand.json.payload=true)"
  if (!isObject(value)) return undefined
  if (hasOnly(value, 'schema', 'payload'))
    return "the data is in `payload`, inside the envelope of Kafka Connect's JsonConverter: set schemas.enable=false"
  if (['before', 'after', 'op'].every((name) => Object.hasOwn(value, name)))
    return 'it is a change event of Debezium: send the event itself, by its outbox event router'
  return undefined
}
