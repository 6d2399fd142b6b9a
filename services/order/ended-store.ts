import { sql } from 'kysely'

/** The requests that ended before a time, and so do not hold their order any more. */
export const endedRequests = (before: Date) => sql`select order_id, request_id from requests where ended_at < ${before}`
