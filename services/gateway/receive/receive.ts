import type { Database } from '@countermand/database'
import type { Account } from '@countermand/providers/account.ts'
import { inSpan, type Logger, within } from '@countermand/telemetry'
import type { Posted, Refused, Sender, Verified } from '../senders/sender.ts'
import { keep } from '../store/store.ts'
import type { Certificates } from './certificates.ts'

/** What becomes of a post, as it is counted. */
export type Result = 'taken' | 'duplicate' | 'ignored' | Refused | 'unavailable'

export interface Answer {
  readonly status: number
  readonly result: Result
}

const statusOf: Readonly<Record<Result, number>> = {
  taken: 200,
  duplicate: 200,
  ignored: 200,
  signature: 401,
  stale: 401,
  unreadable: 400,
  // The provider tells it again.
  unavailable: 503,
}

/** Providers give up after five seconds and more. */
const keepWithinMs = 4_000

interface Receiver {
  readonly database: Database
  readonly certificates: Pick<Certificates, 'at' | 'proven'>
  readonly log: Logger
  /** Something was kept. */
  readonly onKept: () => void
}

/** `unavailable`: what it is to be checked by cannot be had now. */
const verified = async (
  { certificates, log }: Receiver,
  account: Account,
  posted: Posted,
  sender: Sender,
): Promise<Verified | 'unavailable'> => {
  try {
    const at = sender.certificateAt?.(posted, account)
    const said = sender.verify(posted, account, Date.now(), at && (await certificates.at(at)))
    if (said.ok && at !== undefined) await certificates.proven(at)
    return said
  } catch (error) {
    log.warn({ err: error, account: account.name }, 'a notification could not be checked')
    return 'unavailable'
  }
}

const kept = async (receiver: Receiver, account: Account, posted: Posted, sender: Sender): Promise<Result> => {
  const { database, log, onKept } = receiver
  const { name, provider } = account
  const said = await verified(receiver, account, posted, sender)
  if (said === 'unavailable') return said
  if (!said.ok) {
    const { because, key } = said
    log.warn({ account: name, provider, because, ...(key !== undefined && { key }) }, 'a notification is refused')
    return because
  }
  const { notice } = said
  if (notice === undefined) return 'ignored'
  const about = { 'countermand.account': name, 'countermand.notification.id': notice.eventId }
  return inSpan(
    { name: `notified ${provider}`, kind: 'server', parent: null, attributes: about },
    async ({ traceparent }) => {
      try {
        const isNew = await within(
          keepWithinMs,
          'the database',
          keep(database, { account: name, provider, traceparent }, notice),
        )
        log.info({ account: name, eventId: notice.eventId, type: notice.type, isNew }, 'a provider told something')
        if (isNew) onKept()
        return isNew ? 'taken' : 'duplicate'
      } catch (error) {
        log.warn({ err: error, account: name, eventId: notice.eventId }, 'a notification could not be kept')
        return 'unavailable'
      }
    },
  )
}

/** Takes a post for an account: checked, kept, and only then answered with a yes. */
export const receive = async (
  receiver: Receiver,
  account: Account,
  sender: Sender,
  posted: Posted,
): Promise<Answer> => {
  const result = await kept(receiver, account, posted, sender)
  return { status: statusOf[result], result }
}
