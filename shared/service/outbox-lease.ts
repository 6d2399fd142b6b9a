import type { Database } from '@countermand/database'
import { sql } from 'kysely'

/** One process at a time sends what is left over in a slot. */
export interface Lease {
  /** False: another process may have it by now. */
  held(): boolean
  release(): Promise<void>
}

const leaseMs = 8_000
const renewEveryMs = 2_500

/**
 * Takes the lease of a slot; `undefined`: another has it. A row in a table, renewed by short statements: a broker may keep us waiting
 * for hours, and a transaction that is open as long stops PostgreSQL from cleaning up.
 */
export const takeLease = async (database: Database, slot: number, holder: string): Promise<Lease | undefined> => {
  // From before it was asked for: the database counts from when it was told, and its answer may be late.
  const asked = performance.now()
  const until = sql`now() + make_interval(secs => ${leaseMs / 1000})`
  const { rows } = await sql`
    insert into outbox_leases (slot, holder, held_until) values (${slot}, ${holder}, ${until})
    on conflict (slot) do update set holder = excluded.holder, held_until = excluded.held_until
      where outbox_leases.holder = excluded.holder or outbox_leases.held_until < now()
    returning slot`.execute(database)
  if (rows.length === 0) return undefined
  let heldUntil = asked + leaseMs
  const renew = async () => {
    const askedAgain = performance.now()
    const renewed = await sql`
      update outbox_leases set held_until = ${until} where slot = ${slot} and holder = ${holder} returning slot`.execute(
      database,
    )
    heldUntil = renewed.rows.length === 0 ? 0 : askedAgain + leaseMs
  }
  // One that fails is made up for by the next, or the lease passes.
  const timer = setInterval(() => void renew().catch(() => {}), renewEveryMs)
  return {
    held: () => performance.now() < heldUntil,
    release: async () => {
      clearInterval(timer)
      await sql`update outbox_leases set held_until = now() where slot = ${slot} and holder = ${holder}`.execute(
        database,
      )
    },
  }
}
