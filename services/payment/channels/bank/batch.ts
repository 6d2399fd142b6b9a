/**
 * Transfers that leave by a file, and the batches that they leave in. Two people are needed: who prepared a batch may not approve it. A
 * file leaves once. Pure; amounts are minor units, times ISO 8601. No account number of a customer is in here: those are in the file alone.
 */

export type TransferState =
  /** Wanted, and in no file. */
  | 'due'
  /** In a file that has not left. */
  | 'batched'
  | 'sent'
  /** The bank says that it has gone. */
  | 'booked'
  /** The bank did not take it: no money has moved. */
  | 'rejected'
  /** It came back. */
  | 'returned'

export interface Transfer {
  readonly refundId: string
  readonly amount: number
  readonly currency: string
  readonly state: TransferState
  readonly reason: string | undefined
}

export interface Batch {
  readonly batchId: string
  /** Of the file, SHA-256 in hexadecimal: another file is another batch. */
  readonly digest: string
  readonly preparedBy: string
  readonly approvedBy: string | undefined
  readonly sentBy: string | undefined
  readonly discardedBy: string | undefined
}

/** What cannot be done with a batch, in words. */
export class NotNow extends Error {
  override readonly name = 'NotNow'
}

/** People are who they say they are, however they write it. */
const isSame = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase()

const stillOpen = (batch: Batch, digest: string): void => {
  const { batchId, sentBy, discardedBy } = batch
  if (discardedBy !== undefined) throw new NotNow(`batch ${batchId} was discarded by ${discardedBy}`)
  if (sentBy !== undefined) throw new NotNow(`batch ${batchId} was sent already, by ${sentBy}: a file leaves once`)
  if (digest !== batch.digest)
    throw new NotNow(`the file is not the one that ${batch.preparedBy} prepared as batch ${batchId}`)
}

/** Whoever looked at the file, and did not make it, says that it may leave. */
export const approve = (batch: Batch, digest: string, by: string): Batch => {
  stillOpen(batch, digest)
  if (isSame(by, batch.preparedBy))
    throw new NotNow(`batch ${batch.batchId} was prepared by ${by}: somebody else has to approve it`)
  if (batch.approvedBy !== undefined)
    throw new NotNow(`batch ${batch.batchId} was approved already, by ${batch.approvedBy}`)
  return { ...batch, approvedBy: by }
}

export const send = (batch: Batch, digest: string, by: string): Batch => {
  stillOpen(batch, digest)
  if (batch.approvedBy === undefined)
    throw new NotNow(`batch ${batch.batchId} is not approved: somebody else than ${batch.preparedBy} has to`)
  return { ...batch, sentBy: by }
}

/** Its transfers are due again. */
export const discard = (batch: Batch, by: string): Batch => {
  stillOpen(batch, batch.digest)
  return { ...batch, discardedBy: by }
}

/** What a bank says of one transfer. */
export interface Word {
  readonly refundId: string
  readonly says: 'booked' | 'rejected' | 'returned'
  /** The bank's code, where it gives one. */
  readonly reason: string | undefined
  /** Absent: it does not repeat it. */
  readonly amount: number | undefined
  readonly currency: string | undefined
}

const noReason = { rejected: 'the bank did not take it', returned: 'it came back' } as const

/**
 * The transfer after the bank's word, the same when it says nothing new, or what is wrong with the word. A bank may tell out of order: what
 * came back does not go again by being booked late.
 */
export const heard = (transfer: Transfer, word: Word): Transfer | { readonly error: string } => {
  const { refundId, state, amount, currency } = transfer
  const error = (text: string) => ({ error: `${refundId}: ${text}` })
  if (word.amount !== undefined && (word.amount !== amount || (word.currency ?? currency) !== currency))
    return error(`expected ${amount} ${currency}, the bank says ${word.amount} ${word.currency ?? ''}`.trimEnd())
  if (state === word.says) return transfer
  if (state === 'due' || state === 'batched')
    return error(`it has not been sent, the bank says that it is ${word.says}`)
  if (word.says === 'booked') {
    if (state === 'sent') return { ...transfer, state: 'booked' }
    return state === 'returned' ? transfer : error('it was rejected, the bank says that it is booked')
  }
  if (word.says === 'rejected' && state !== 'sent') return error(`it is ${state}, the bank says that it is rejected`)
  if (word.says === 'returned' && state === 'rejected') return error('it was rejected, the bank says that it came back')
  return { ...transfer, state: word.says, reason: word.reason ?? noReason[word.says] }
}
