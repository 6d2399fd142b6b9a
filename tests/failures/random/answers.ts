import { type Answer, eventHeaders } from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka'
import type { OrderState } from '@countermand/order/state.ts'

export const failed: Answer<'StepFailed'> = {
  ...{ type: 'StepFailed', error: 'the database is full', attempts: 20, moneyInDoubt: false },
}

/** Of which request a command is, by its id. */
export const requestIdOf = ({ headers }: Pick<OutgoingMessage, 'headers'>): string =>
  String(headers.ce_id).split('/')[1] ?? ''

/** A message that answers this command, to where it says. */
export const answerTo = ({ headers, key }: OutgoingMessage, { type, ...fields }: Answer): OutgoingMessage => {
  const requestId = requestIdOf({ headers })
  const id = `${headers.ce_id}/${type}`
  return {
    topic: headers['reply-topic'] ?? '',
    key,
    headers: {
      ...eventHeaders({ id, source: 'test', type, time: new Date().toISOString(), subject: requestId }),
      'reply-to': headers['reply-to'] ?? '',
    },
    value: JSON.stringify({ orderId: key, requestId, commandId: headers.ce_id, ...fields }),
  }
}

/** The same command; its answer goes nowhere. */
export const withoutAddress = (message: OutgoingMessage): OutgoingMessage => {
  const { 'reply-to': _to, 'reply-topic': _topic, ...headers } = message.headers
  return { ...message, headers }
}

/** What the order service's table says, of a state in memory. */
export const readCancellation = (state: OrderState | undefined, requestId: string): Answer<'CancellationRead'> => {
  const known = state?.requests.get(requestId)
  const resolutions = (known?.records ?? []).flatMap(({ record }) => {
    if (record.what !== 'resolved') return []
    const { what: _, ...resolution } = record
    return [resolution]
  })
  const promised = known?.status === 'holding' || known?.status === 'confirmed' ? known : undefined
  return {
    type: 'CancellationRead',
    open: known?.status === 'holding',
    resolutions,
    ...(promised && {
      refund: {
        ...{ amount: promised.begun.amount, currency: promised.begun.currency },
        ...{ refundTo: promised.request.refundTo, fallback: promised.begun.refundFallback },
      },
    }),
  }
}
