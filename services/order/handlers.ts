import type { ServiceDefinition } from '@countermand/service/service.ts'
import type { Policies } from '@countermand/settings/policies.ts'
import { begin, beginAgain } from './decide/begin.ts'
import { changeOrder } from './decide/change.ts'
import { abandon, confirm, confirmAgain } from './decide/end.ts'
import { followParcel, place } from './decide/facts.ts'
import { record, recordAgain } from './decide/record.ts'
import type { OrderState } from './state.ts'
import { failingSagas, holds } from './store/measures.ts'
import { endedRequests, listHolds, readCancellation } from './store/queries.ts'
import { store } from './store/store.ts'

/** All that the order service accepts, and which decision answers it. */
export const order = (policies: Policies): ServiceDefinition<'order', OrderState> => ({
  name: 'order',
  store,
  measures: [holds, failingSagas],
  ended: endedRequests,
  commands: {
    BeginCancellation: {
      decide: (state, command, at) => begin(policies, state, command, at),
      again: beginAgain,
    },
    AbandonCancellation: { decide: abandon },
    ConfirmCancellation: { decide: confirm, again: confirmAgain },
    RecordCancellation: { decide: record, again: recordAgain },
  },
  queries: { ListHolds: { answer: listHolds }, ReadCancellation: { answer: readCancellation } },
  events: {
    'order.placed.v1': { decide: place },
    'order.changed.v1': { decide: changeOrder },
    'shipment.changed.v1': { decide: followParcel },
  },
  tasks: {},
})
