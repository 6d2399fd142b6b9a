import type { Asking, Role, Step } from '../role.ts'
import { wanted } from '../sample-orders.ts'

const resume: Asking = {
  command: 'ResumeShipment',
  message: (bus, ids, round, to) => bus.command('ResumeShipment', { ...ids, round }, to),
}

const stop: Step = {
  command: 'StopShipment',
  message: (bus, ids, round, to) => bus.command('StopShipment', { ...ids, round, whole: true, lines: wanted }, to),
  yes: 'LabelVoided',
  no: 'InterceptFailed',
  unheard: { answer: 'StepFailed', nextRound: 'LabelVoided' },
  undo: {
    ...resume,
    afterYes: 'ShipmentResumed',
    afterNo: 'ShipmentResumed',
    afterNothing: 'NothingToUndo',
    nextRound: 'LabelVoided',
    restores: true,
  },
}

const pause: Step = {
  command: 'PauseFulfilment',
  message: (bus, ids, round, to) => bus.command('PauseFulfilment', { ...ids, round }, to),
  yes: 'FulfilmentPaused',
  unheard: { answer: 'StepFailed', nextRound: 'FulfilmentPaused' },
  undo: {
    ...resume,
    afterYes: 'ShipmentResumed',
    afterNothing: 'NothingToUndo',
    nextRound: 'FulfilmentPaused',
    restores: true,
  },
}

export const logisticsRole: Role = {
  service: 'logistics',
  arrival: (bus, order) => bus.event('order.accepted.v1', order.orderId, order),
  steps: [stop, pause],
}
