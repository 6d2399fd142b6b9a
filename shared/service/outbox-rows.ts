import { createHash } from 'node:crypto'
import type { DatabaseTransaction } from '@countermand/database'
import { headersToShow, listToKeep } from '@countermand/kafka/headers.ts'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import { bytesFromText, bytesOf } from '@countermand/kafka/wire-text.ts'
import { sql } from 'kysely'
import { keyText } from './outbox-relay.ts'

const slots = 16

const slotOf = (key: string): number => createHash('md5').update(bytesFromText(key)).digest().readUInt16BE(0) % slots

export const keyOf = (message: OutgoingMessage): string => keyText(message.key)

/** Those of the keys that have a row which is not published, beside those on their way. */
export const blockedKeys = async (
  tx: DatabaseTransaction,
  keys: readonly string[],
  inFlight: ReadonlySet<number>,
): Promise<Set<string>> => {
  const { rows } = await sql<{ key: Buffer | null }>`
    select distinct key from outbox
    where published_at is null and slot = any(${[...new Set(keys.map(slotOf))]}::smallint[])
      and coalesce(key, '') = any(${keys.map(bytesFromText)}::bytea[])
      and not (id = any(${[...inFlight]}::bigint[]))`.execute(tx)
  return new Set(rows.map((row) => keyText(row.key)))
}

/** Writes messages; their ids, in the order of the messages. */
export const insertRows = async (
  tx: DatabaseTransaction,
  writer: string,
  messages: readonly OutgoingMessage[],
): Promise<number[]> => {
  const { rows } = await sql<{ id: number }>`
    insert into outbox (topic, key, partition, headers, exact_headers, value, slot, writer)
    select topic, key, partition, headers::jsonb, exact_headers, value, slot, ${writer}
    from unnest(${messages.map((each) => each.topic)}::text[], ${messages.map((each) => bytesOf(each.key))}::bytea[],
                ${messages.map((each) => each.partition ?? null)}::integer[], ${messages.map(headersToShow)}::text[],
                ${messages.map(listToKeep)}::bytea[],
                ${messages.map((each) => bytesOf(each.value))}::bytea[], ${messages.map((each) => slotOf(keyOf(each)))}::smallint[])
      with ordinality as r(topic, key, partition, headers, exact_headers, value, slot, position)
    order by position returning id`.execute(tx)
  return rows.map((row) => row.id).sort((a, b) => a - b)
}
