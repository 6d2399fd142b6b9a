import { clean, isClean } from '@countermand/contracts/text.ts'
import type { HeaderList, IncomingMessage } from './message.ts'
import { bytesFromText, textFromBytes } from './wire-text.ts'

type Headers = Pick<IncomingMessage, 'headers' | 'headerList'>

/** Headers as kafkajs gives and takes them. */
export type WireHeaders = Record<string, Buffer | string | (Buffer | string)[] | undefined>

const textOf = (value: Buffer | string): string => (typeof value === 'string' ? value : textFromBytes(value))

/** By their names in small letters; of several with one name, the first. */
const byName = (list: HeaderList): Record<string, string> => {
  const first = new Map<string, string>()
  for (const [name, value] of list) {
    const small = name.toLowerCase()
    if (!first.has(small)) first.set(small, value)
  }
  return Object.fromEntries(first)
}

/** The headers of a message that came. One without a value (null) is one with an empty value: kafkajs cannot send the former. */
export const readHeaders = (came: WireHeaders = {}): Headers => {
  const list = Object.entries(came).flatMap(([name, given]) =>
    (Array.isArray(given) ? given : [given]).map((value) => [name, textOf(value ?? '')] as const),
  )
  const headers = byName(list)
  const saysAll = list.every(([name]) => Object.hasOwn(headers, name)) && Object.keys(headers).length === list.length
  return saysAll ? { headers } : { headers, headerList: list }
}

/** Headers to send. */
export const wireHeaders = (message: Headers): WireHeaders => {
  if (message.headerList === undefined)
    return Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, bytesFromText(value)]))
  const groups = Map.groupBy(message.headerList, ([name]) => name)
  return Object.fromEntries([...groups].map(([name, all]) => [name, all.map(([, value]) => bytesFromText(value))]))
}

/** Headers as a database keeps them for people and searches: what of them JSON can keep. */
export const headersToShow = ({ headers }: Headers): string =>
  JSON.stringify(Object.fromEntries(Object.entries(headers).map(([name, value]) => [clean(name), clean(value)])))

/** Every byte of them, for whoever sends them; null: what is shown says it all. */
export const listToKeep = ({ headers, headerList }: Headers): Buffer | null => {
  const list = headerList ?? Object.entries(headers)
  if (headerList === undefined && list.every(([name, value]) => isClean(name) && isClean(value))) return null
  // JSON escapes halves of pairs and NUL; as bytes, PostgreSQL does not read it.
  return Buffer.from(JSON.stringify(list))
}

const isHeader = (value: unknown): value is readonly [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === 'string')

/** Headers as they were before they were kept. */
export const keptHeaders = (shown: Readonly<Record<string, string>>, exact: Buffer | null): Headers => {
  if (exact === null) return { headers: shown }
  const list: unknown = JSON.parse(exact.toString())
  const headerList = Array.isArray(list) ? list.filter(isHeader) : []
  return { headers: byName(headerList), headerList }
}
