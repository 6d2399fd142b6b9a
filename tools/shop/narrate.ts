import { formatAmount, minorUnitDigits, type TenderRefund } from '@countermand/contracts'
import { colours } from '../terminal/colours.ts'
import type { Heard } from './outside.ts'

const money = (amount: number, currency: string): string => formatAmount(amount, currency, minorUnitDigits(currency))

const refunds = (tenders: readonly TenderRefund[]): string =>
  tenders.map(({ amount, currency, channel, state }) => `${money(amount, currency)} ${channel} ${state}`).join(', ')

const reasonOf = ({
  code,
  message,
}: {
  readonly code?: string | undefined
  readonly message?: string | undefined
}): string => [code, message].filter((each) => each !== undefined).join(': ')

const inWords = (message: string | undefined): string => (message === undefined ? '' : `: ${message}`)

/** A public event in words. */
export const narrate = (heard: Heard): string => {
  switch (heard.type) {
    case 'order.cancellation.started.v1':
      return `order ${heard.data.orderId} is on hold`
    case 'order.cancellation.awaiting-merchant.v1':
      return `merchant ${heard.data.merchantId} is asked, until ${heard.data.decideBy} (then: ${heard.data.onSilence})`
    case 'order.cancellation.decided.v1':
      return `${heard.data.decision === 'approve' ? 'approved' : 'rejected'} by ${heard.data.by}${inWords(heard.data.message)}`
    case 'order.cancellation.needs-attention.v1':
      return colours.red(`needs attention: ${heard.data.attention.reason}, ${heard.data.attention.error}`)
    case 'order.cancellation.resumed.v1':
      return `goes on (${heard.data.because}): ${heard.data.attention.reason} is over`
    case 'order.cancellation.input-rejected.v1':
      return `${heard.data.input} changes nothing: ${heard.data.code}`
    case 'order.cancellation.completed.v1':
      return colours.green(`${heard.data.outcome}: ${refunds(heard.data.refunds)}`)
    case 'order.cancellation.refused.v1':
      return colours.yellow(`refused: ${reasonOf(heard.data)}`)
    case 'order.cancellation.withdrawn.v1':
      return colours.yellow(`withdrawn by ${heard.data.by ?? 'nobody named'}`)
    case 'order.cancellation.compensated.v1':
      return colours.yellow(`compensated, everything is as before: ${reasonOf(heard.data)}`)
    case 'refund.submitted.v1':
      return `refund of ${money(heard.data.amount, heard.data.currency)}: asked for at ${heard.data.channel}`
    case 'refund.pending.v1':
      return `refund of ${money(heard.data.amount, heard.data.currency)}: accepted, on its way`
    case 'refund.action-required.v1':
      return `refund of ${money(heard.data.amount, heard.data.currency)}: waits for the ${heard.data.action?.who ?? 'shop'}`
    case 'refund.succeeded.v1':
      return `refund of ${money(heard.data.amount, heard.data.currency)}: made`
    case 'refund.failed.v1':
    case 'refund.reversed.v1':
      return `refund of ${money(heard.data.amount, heard.data.currency)}: ${heard.data.state} (${heard.data.failure ?? 'no reason'})`
    case 'shipment.changed.v1':
      return `parcel ${heard.data.trackingNumber}: ${heard.data.status}`
  }
}
