import { setTimeout } from 'node:timers/promises'
import type { Answer, AnswerTo, CancelRequested, CommandData, CommandName, TenderRefund } from '@countermand/contracts'
import { commands, isCommandName } from '@countermand/contracts'
import { ApplicationFailure, CompleteAsyncError } from '@temporalio/activity'
import { leastFastMs, type NotNow, type Way } from '../src/protocol/activities.ts'
import { activityName } from '../src/protocol/commands.ts'
import { sendable } from '../src/steps/activities.ts'

/** The four services as the saga sees them: a table of command → answer, and a list of what was asked. */

export const request: CancelRequested = {
  requestId: 'req-1',
  orderId: 'ord-1',
  requestedAt: '2026-11-20T10:00:00Z',
  initiator: { kind: 'customer', id: 'cus-7' },
  reason: { code: 'changed-mind' },
  refundTo: 'original',
}

const lines = [{ lineId: '1', sku: 'SKU-MUG', quantity: 2 }]

export const tender = (state: TenderRefund['state']): TenderRefund => ({
  tenderId: 't1',
  channel: 'sandbox-card',
  amount: 3351,
  currency: 'EUR',
  state,
  destination: 'original',
})

export const begun: Answer<'CancellationBegun'> = {
  type: 'CancellationBegun',
  merchantId: 'mer-3',
  customerId: 'cus-7',
  currency: 'EUR',
  amount: 3351,
  lines,
  whole: true,
  parcels: [],
  tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: 3351 }],
  approval: { needed: false },
  refundFallback: 'attention',
  decided: { resolutions: [] },
}

export const stepFailed: Answer<'StepFailed'> = {
  type: 'StepFailed',
  error: 'the carrier does not answer',
  attempts: 20,
  moneyInDoubt: false,
}

export interface Asked<Name extends CommandName> {
  readonly data: CommandData<Name>
  /** True: `StepPending` would not end it. */
  readonly final: boolean
  /** Which time this command is asked, from 1. */
  readonly time: number
}

/** `'later'`: no answer to this attempt. */
export type Reply<Name extends CommandName> = AnswerTo<Name> | 'later' | Promise<AnswerTo<Name> | 'later'>
export type Services = { readonly [Name in CommandName]: (asked: Asked<Name>) => Reply<Name> }

/** Services that say yes to everything, and to whom nothing has happened yet when the saga turns back. */
export const willing = {
  BeginCancellation: () => begun,
  AbandonCancellation: ({ data: { outcome, code, stage } }) => ({
    type: 'CancellationAbandoned',
    outcome,
    ...(code === undefined ? {} : { code }),
    stage,
  }),
  RecordCancellation: () => ({ type: 'CancellationRecorded' }),
  ConfirmCancellation: () => ({ type: 'OrderCancelled', at: '2026-11-20T10:00:01Z' }),
  PauseFulfilment: () => ({ type: 'FulfilmentPaused', shipments: [] }),
  StopShipment: () => ({ type: 'NothingToStop', shipments: [] }),
  ResumeShipment: () => ({ type: 'ShipmentResumed', shipments: [] }),
  SetStockAside: () => ({
    type: 'StockSetAside',
    lines: [{ lineId: '1', sku: 'SKU-MUG', quantity: 2, from: 'reserved' }],
  }),
  ReserveAgain: () => ({ type: 'StockReservedAgain', lines }),
  ReleaseLabels: () => ({ type: 'LabelsReleased', shipments: [{ shipmentId: 'shp-1', result: 'label-voided' }] }),
  ReturnStockToSale: () => ({ type: 'StockOnSale', lines }),
  RefundOrder: () => ({ type: 'RefundSettled', tenders: [tender('succeeded')] }),
  ForbidRefund: () => ({ type: 'NothingMoved' }),
  CloseRound: () => ({ type: 'RoundClosed' }),
  ReadCancellation: () => ({
    type: 'CancellationRead',
    open: false,
    refund: { amount: 3351, currency: 'EUR', refundTo: 'original', fallback: 'attention' },
    resolutions: [],
  }),
  ListHolds: () => ({ type: 'HoldsListed', holds: [], more: false }),
} satisfies Services

export interface World {
  /** What was asked, in order, retries of the same message left out: `StopShipment`, or `StopShipment 2` for a second round. */
  readonly asked: string[]
  /** The records, as the order service got them. */
  readonly records: CommandData<'RecordCancellation'>[]
  readonly abandoned: CommandData<'AbandonCancellation'>[]
  readonly rejectedRequests: CancelRequested[]
  readonly activities: Record<string, (...args: never[]) => Promise<unknown>>
}

/**
 * The test server lets no time pass while an activity is open: there, the hour that an attempt may take is a wait before
 * the next one.
 */
export type WhileOpen = 'completed-from-outside' | 'asked-again-each-hour'

const notYet = (whileOpen: WhileOpen): Error =>
  whileOpen === 'completed-from-outside'
    ? new CompleteAsyncError()
    : ApplicationFailure.create({ message: 'no answer yet', nextRetryDelay: '1 hour' })

/** The activities of the saga, played by `services`. Data are checked against the contract, as the real ones do. */
export const createWorld = (services: Partial<Services>, whileOpen: WhileOpen): World => {
  const played: Services = { ...willing, ...services }
  const times = new Map<CommandName, number>()
  const world: World = { asked: [], records: [], abandoned: [], rejectedRequests: [], activities: {} }

  const note = (name: CommandName, given: unknown) => {
    sendable(name, given, '2026-11-20T10:00:00Z')
    const { round } = commands[name].data.parse(given)
    const line = round === 1 ? name : `${name} ${round}`
    if (name === 'RecordCancellation') {
      const data = commands.RecordCancellation.data.parse(given)
      if (!world.records.some(({ key }) => key === data.key)) world.records.push(data)
    } else if (!world.asked.includes(line)) world.asked.push(line)
    if (name === 'AbandonCancellation') world.abandoned.push(commands.AbandonCancellation.data.parse(given))
  }

  const play =
    <Name extends CommandName>(name: Name) =>
    async (data: CommandData<Name>, way: Way): Promise<AnswerTo<Name> | NotNow> => {
      note(name, data)
      if ('withinMs' in way && way.withinMs < leastFastMs) return { type: 'NotNow' }
      const time = (times.get(name) ?? 0) + 1
      times.set(name, time)
      const final = 'final' in way && way.final
      const answer = await played[name]({ data, final, time })
      if (answer !== 'later') return answer
      if ('final' in way) throw notYet(final ? whileOpen : 'completed-from-outside')
      await setTimeout(way.withinMs)
      return { type: 'NotNow' }
    }

  for (const name of Object.keys(commands).filter(isCommandName)) world.activities[activityName(name)] = play(name)
  world.activities.rejectRequest = async (rejected: CancelRequested) => void world.rejectedRequests.push(rejected)
  return world
}

/** The undos of the road back, as they are asked. */
export const roadBack = ['ForbidRefund', 'ReserveAgain', 'ResumeShipment', 'AbandonCancellation']
