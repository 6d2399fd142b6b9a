import type { ShipmentStatus } from '@countermand/contracts'
import { jsonIn } from '@countermand/contracts/json.ts'
import { CallFailed } from '@countermand/providers/call-failed.ts'
import type { ProviderAnswer } from '@countermand/providers/http.ts'
import { z } from 'zod'
import type { Whereabouts } from './carrier.ts'
import { noIn } from './ups-answers.ts'

/** Where UPS says that a parcel is: the Track API's answers in our words. */

const text = z.string().default('')
const activity = z.object({
  ...{ gmtDate: text, gmtTime: text },
  status: z.object({ type: text, code: text, statusCode: text }).optional(),
})
const trackAnswer = z.object({
  trackResponse: z.object({
    shipment: z
      .array(
        z.object({
          package: z.array(z.object({ trackingNumber: text, activity: z.array(activity).default([]) })).default([]),
        }),
      )
      .default([]),
  }),
})
type Activity = z.infer<typeof activity>

/**
 * By UPS's codes of a status (`statusCode` of the Track API, `descriptionCode` of Track Alert). What is not here says nothing of where a
 * parcel is: exceptions, delays, changes that were asked for.
 */
const byStatus: Readonly<Record<string, ShipmentStatus>> = {
  ...{ '003': 'label-created', '038': 'handed-over' },
  ...{ '005': 'in-transit', '010': 'in-transit', '012': 'in-transit', '014': 'in-transit', '071': 'in-transit' },
  ...{ '006': 'out-for-delivery', '021': 'out-for-delivery', '011': 'delivered' },
  ...{ '035': 'returning', '036': 'returning', '037': 'returning', '034': 'returned' },
}
/** By the code of an activity, which says more than the status does. */
const byCode: Readonly<Record<string, ShipmentStatus>> = {
  ...{ MP: 'label-created', OR: 'handed-over', PU: 'handed-over' },
  ...{ OT: 'out-for-delivery', FS: 'delivered', RS: 'returning' },
}
const byType: Readonly<Record<string, ShipmentStatus>> = { M: 'label-created', I: 'in-transit', RS: 'returning' }

const voidStatus = '007'

/** All that an activity says of where a parcel is, what says most first. */
const statusesOf = ({ status }: Activity): readonly ShipmentStatus[] =>
  status === undefined
    ? []
    : [byCode[status.code.trim()], byStatus[status.statusCode.trim()], byType[status.type.trim()]].filter(
        (each) => each !== undefined,
      )

const isOneOf =
  (...wanted: readonly ShipmentStatus[]) =>
  (each: Activity): boolean =>
    statusesOf(each).some((status) => wanted.includes(status))
const hasTurned = isOneOf('returning', 'returned')
const hasArrived = isOneOf('delivered', 'returned')

/** ISO 8601, of `20240423` and `131519` (or `91519`, `09:15:19`); `undefined`: it does not say. */
export const momentOf = (date: string, time: string): string | undefined => {
  const day = /^(\d{4})(\d\d)(\d\d)$/.exec(date.trim())
  const clock = /^(\d\d)(\d\d)(\d\d)$/.exec(time.replaceAll(':', '').trim().padStart(6, '0'))
  if (day === null || clock === null) return undefined
  const at = `${day.slice(1).join('-')}T${clock.slice(1).join(':')}.000Z`
  return Number.isNaN(Date.parse(at)) ? undefined : at
}

/** What UPS knows of a parcel. */
export interface Tracked {
  readonly isVoid: boolean
  /** Somebody has asked for it to be brought back. */
  readonly isAskedBack: boolean
  /** Absent: nothing that has a meaning here. */
  readonly is?: ShipmentStatus
  readonly at?: Whereabouts['at']
}

const unknown: Tracked = { isVoid: false, isAskedBack: false }

/** The newest comes first. Once it has turned round, every scan is of its way back, and its delivery is to its sender. */
const trackedBy = (activities: readonly Activity[]): Tracked => {
  const last = activities.find((each) => statusesOf(each).length > 0)
  const onward = last && statusesOf(last)[0]
  const back = last && (hasArrived(last) ? 'returned' : 'returning')
  const is = activities.some(hasTurned) ? back : onward
  const at = last && momentOf(last.gmtDate, last.gmtTime)
  return {
    isVoid: activities.some(({ status }) => status?.type.trim() === 'MV' || status?.statusCode.trim() === voidStatus),
    isAskedBack: activities.some(({ status }) => status?.statusCode.trim() === '033'),
    ...(is !== undefined && { is }),
    ...(at !== undefined && { at }),
  }
}

/** A parcel that UPS has not heard of yet, or does not any more, is unknown: that is no failure. `now`: ms since the epoch. */
export const trackedIn = (answer: ProviderAnswer, trackingNumber: string, now: number): Tracked => {
  if (answer.status === 404) return unknown
  if (answer.status !== 200) {
    noIn(answer, 'track', now)
    return unknown
  }
  const found = trackAnswer.safeParse(jsonIn(answer.body))
  if (!found.success) throw new CallFailed('UPS answers track with 200, and nothing that can be read', 'unknown')
  const parcels = found.data.trackResponse.shipment.flatMap((each) => each.package)
  const own = parcels.find((each) => each.trackingNumber.trim() === trackingNumber)
  return own === undefined ? unknown : trackedBy(own.activity)
}
