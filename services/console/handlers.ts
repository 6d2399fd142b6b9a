import type { ServiceDefinition } from '@countermand/service'
import { followChange, followOrder, followParcel, followStory } from './decide/follow.ts'
import type { Case, HeardType } from './state.ts'
import { webhookMeasure } from './store/measures.ts'
import { store } from './store/store.ts'

const story = (type: HeardType) => ({ decide: followStory(type) })

/** All that the console listens to. It takes no commands, and nobody waits for it. */
export const consoleService: ServiceDefinition<'console', Case> = {
  name: 'console',
  store,
  commands: {},
  queries: {},
  events: {
    'order.accepted.v1': { decide: followOrder },
    'order.amended.v1': { decide: followChange },
    'shipment.changed.v1': { decide: followParcel },
    'order.cancellation.started.v1': story('order.cancellation.started.v1'),
    'order.cancellation.awaiting-merchant.v1': story('order.cancellation.awaiting-merchant.v1'),
    'order.cancellation.decided.v1': story('order.cancellation.decided.v1'),
    'order.cancellation.needs-attention.v1': story('order.cancellation.needs-attention.v1'),
    'order.cancellation.resumed.v1': story('order.cancellation.resumed.v1'),
    'order.cancellation.input-rejected.v1': story('order.cancellation.input-rejected.v1'),
    'order.cancellation.completed.v1': story('order.cancellation.completed.v1'),
    'order.cancellation.refused.v1': story('order.cancellation.refused.v1'),
    'order.cancellation.withdrawn.v1': story('order.cancellation.withdrawn.v1'),
    'order.cancellation.compensated.v1': story('order.cancellation.compensated.v1'),
    'refund.submitted.v1': story('refund.submitted.v1'),
    'refund.pending.v1': story('refund.pending.v1'),
    'refund.action-required.v1': story('refund.action-required.v1'),
    'refund.succeeded.v1': story('refund.succeeded.v1'),
    'refund.failed.v1': story('refund.failed.v1'),
    'refund.reversed.v1': story('refund.reversed.v1'),
    'operation.answered.v1': { free: true, named: true },
  },
  tasks: {},
  measures: [webhookMeasure],
}
