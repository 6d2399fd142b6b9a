import { openDatabase } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'
import type { GiftCards } from '../channels/channel.ts'

const row = z.object({ status: z.enum(['active', 'expired', 'deactivated']) })

/** What was said of gift cards, for calls, which are made outside of any transaction: with a connection of its own. */
export const openGiftCards = (
  databaseUrl: string,
  onError: (error: Error) => void,
): GiftCards & { readonly close: () => Promise<void> } => {
  const database = openDatabase(databaseUrl, { maxConnections: 1, onError })
  return {
    statusOf: async (id) => {
      const { rows } = await sql`select status from gift_cards where gift_card_id = ${id}`.execute(database)
      return rows[0] === undefined ? undefined : row.parse(rows[0]).status
    },
    close: () => database.destroy(),
  }
}
