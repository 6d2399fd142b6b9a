import { calibrated, fitLogistic } from '@countermand/learning/calibrate.ts'
import { auc, averagePrecision, brier, calibrationError } from '@countermand/learning/metrics.ts'
import { type Cell, featuresOf, type Plan, tableOf } from '@countermand/learning/table.ts'
import { boost } from '@countermand/learning/trees/boosting.ts'
import { scorerOf } from '@countermand/learning/trees/ensemble.ts'
import { readDataSet } from '../data-sets.ts'
import type { Suite } from './suite.ts'

const months = 'January February March April May June July August September October November December'.split(' ')
const dayMs = 86_400_000

const number = (name: string) => ({ name, kind: 'number' }) as const
const category = (name: string) => ({ name, kind: 'category' }) as const

/** What is known when a room is booked. */
const atBooking: Plan = [
  category('HotelNumber'),
  number('LeadTime'),
  number('ArrivalDateWeekNumber'),
  number('ArrivalDateDayOfMonth'),
  number('StaysInWeekendNights'),
  number('StaysInWeekNights'),
  number('Adults'),
  number('Children'),
  number('Babies'),
  category('Meal'),
  category('MarketSegment'),
  category('DistributionChannel'),
  number('IsRepeatedGuest'),
  number('PreviousCancellations'),
  number('PreviousBookingsNotCanceled'),
  category('ReservedRoomType'),
  category('DepositType'),
  category('Agent'),
  category('Company'),
  category('CustomerType'),
  number('ADR'),
]

/** What changes afterwards, or is checked on arrival: part of the answer. Only to compare with what others published. */
const later: Plan = [
  category('Country'),
  category('AssignedRoomType'),
  number('BookingChanges'),
  number('DaysInWaitingList'),
  number('RequiredCarParkingSpaces'),
  number('TotalOfSpecialRequests'),
]

interface Booking {
  readonly cells: readonly Cell[]
  readonly cancelled: number
  readonly arrival: number
  readonly booked: number
}

const read = async (folder: string, plan: Plan): Promise<Booking[]> =>
  (await readDataSet(folder, 'hotel')).map((row) => {
    const arrival = Date.UTC(
      Number(row.ArrivalDateYear),
      months.indexOf(row.ArrivalDateMonth ?? ''),
      Number(row.ArrivalDateDayOfMonth),
    )
    return {
      cells: plan.map(({ name, kind }) => {
        const text = row[name]
        if (text === undefined || text === '') return undefined
        return kind === 'number' ? Number(text) : text
      }),
      cancelled: Number(row.IsCanceled),
      arrival,
      booked: arrival - Number(row.LeadTime) * dayMs,
    }
  })

const labelsOf = (bookings: readonly Booking[]): Float64Array =>
  Float64Array.from(bookings, ({ cancelled }) => cancelled)

type Settings = Parameters<typeof boost>[1]

const cellsOf = (bookings: readonly Booking[]) => bookings.map(({ cells }) => cells)

const examplesOf = (plan: Plan, past: readonly Booking[]) => {
  const features = featuresOf(plan, cellsOf(past))
  return { table: tableOf(features, cellsOf(past)), targets: labelsOf(past) }
}

/** Learns from some bookings what becomes of others. */
const learnt = (plan: Plan, past: readonly Booking[], settings: Settings) => {
  const examples = examplesOf(plan, past)
  const scorer = scorerOf(boost(examples, settings))
  return (asked: readonly Booking[]): Float64Array => scorer.predict(tableOf(examples.table.features, cellsOf(asked)))
}

/** The share of its segment's and deposit's past bookings that were cancelled: what can be known without a model. */
const pastRate = (plan: Plan, past: readonly Booking[], asked: readonly Booking[]): Float64Array => {
  const places = ['MarketSegment', 'DepositType'].map((name) => plan.findIndex((column) => column.name === name))
  const keyOf = ({ cells }: Booking): string => places.map((place) => cells[place]).join('/')
  const counts = new Map<string, { all: number; cancelled: number }>()
  let cancelledOfAll = 0
  for (const booking of past) {
    const count = counts.get(keyOf(booking)) ?? { all: 0, cancelled: 0 }
    count.all += 1
    count.cancelled += booking.cancelled
    counts.set(keyOf(booking), count)
    cancelledOfAll += booking.cancelled
  }
  const usual = cancelledOfAll / Math.max(1, past.length)
  return Float64Array.from(asked, (booking) => {
    const { all, cancelled } = counts.get(keyOf(booking)) ?? { all: 0, cancelled: 0 }
    return (cancelled + 20 * usual) / (all + 20)
  })
}

const rivalName = 'past rate of segment and deposit'

const until = Date.UTC(2017, 3, 1)

/** What `hotel-all` learns from. */
export const hotelExamples = async (folder: string) => {
  const plan = [...atBooking, ...later]
  return examplesOf(
    plan,
    (await read(folder, plan)).filter(({ arrival }) => arrival < until),
  )
}

/** All columns, by the day of arrival: what publications measure, and more than can be known beforehand. */
export const hotelAll: Suite = async (folder, watch) => {
  const plan = [...atBooking, ...later]
  const bookings = await read(folder, plan)
  const past = bookings.filter(({ arrival }) => arrival < until)
  const asked = bookings.filter(({ arrival }) => arrival >= until)
  const progress = watch('hotel-all, models', 1)
  const said = learnt(plan, past, { trees: 400, leaves: 63 })(asked)
  progress.step()
  progress.end()
  const [labels, simple] = [labelsOf(asked), pastRate(plan, past, asked)]
  return [
    {
      suite: 'hotel-all',
      name: 'AUC',
      value: auc(said, labels),
      rival: { name: rivalName, value: auc(simple, labels) },
      reference: 'LightGBM 0.892, Yggdrasil 0.890; live system 0.88 (Antonio and others 2019)',
      toReach: { atLeast: 0.89 },
    },
    {
      suite: 'hotel-all',
      name: 'average precision',
      value: averagePrecision(said, labels),
      rival: { name: rivalName, value: averagePrecision(simple, labels) },
      reference: 'LightGBM 0.857, Yggdrasil 0.853',
      toReach: { atLeast: 0.855 },
    },
  ]
}

/** The first days of the months from 2016-10 to 2017-08; the last only ends the one before. */
const origins = Array.from({ length: 11 }, (_, month) => Date.UTC(2016, 9 + month, 1))

/** The model of each month, asked about that month's bookings; it learnt from bookings whose day had passed before the month. */
const monthly = (plan: Plan, bookings: readonly Booking[], step: () => void) =>
  origins.slice(0, -1).map((from, nth) => {
    const end = origins[nth + 1] ?? from
    // A cancelled booking is known weeks before a kept one: it counts when its day has passed, as the others do.
    const past = bookings.filter(({ arrival }) => arrival < from)
    const asked = bookings.filter(({ booked }) => booked >= from && booked < end)
    const due = bookings.filter(({ arrival }) => arrival >= from && arrival < end)
    const predict = learnt(plan, past, { trees: 200, leaves: 31 })
    step()
    return { asked, said: predict(asked), due, saidOfDue: predict(due), simple: pastRate(plan, past, asked) }
  })

/** Months that a calibration looks back on. */
const lookBack = 2
/** Bookings that say beforehand that nothing has to change: a month is not like the one before it. Chosen on these months. */
const pull = 2000

/** Puts a month right by what came of all who were due in the months before it, of whom no model had learnt that was asked. */
const recalibrated = (rounds: ReturnType<typeof monthly>): Float64Array => {
  const put = rounds.flatMap(({ said }, nth) => {
    const known = rounds.slice(Math.max(0, nth - lookBack), nth)
    const before = Float64Array.from(known.flatMap(({ saidOfDue }) => [...saidOfDue]))
    const line = fitLogistic(before, labelsOf(known.flatMap(({ due }) => due)), pull)
    return [...said].map((each) => calibrated(line, each))
  })
  return Float64Array.from(put)
}

/** What is known at booking, month by month, as it would be used. */
export const hotel: Suite = async (folder, watch) => {
  const bookings = await read(folder, atBooking)
  const progress = watch('hotel, months', origins.length - 1)
  const rounds = monthly(atBooking, bookings, progress.step)
  progress.end()
  const labels = labelsOf(rounds.flatMap(({ asked }) => asked))
  const said = Float64Array.from(rounds.flatMap((round) => [...round.said]))
  const simple = Float64Array.from(rounds.flatMap((round) => [...round.simple]))
  const put = recalibrated(rounds)
  const figure = (name: string, measure: typeof auc, of: Float64Array, reference: string) => ({
    suite: 'hotel',
    name,
    value: measure(of, labels),
    rival: { name: rivalName, value: measure(simple, labels) },
    reference,
  })
  return [
    { ...figure('AUC', auc, said, 'LightGBM 0.805'), toReach: { atLeast: 0.805 } },
    { ...figure('average precision', averagePrecision, said, 'LightGBM 0.732'), toReach: { atLeast: 0.73 } },
    { ...figure('Brier score', brier, said, 'LightGBM 0.162'), toReach: { atMost: 0.163 } },
    { ...figure('calibration error', calibrationError, said, 'LightGBM 0.035') },
    {
      ...figure('calibration error, calibrated', calibrationError, put, 'LightGBM 0.024'),
      toReach: { atMost: 0.025 },
    },
  ]
}
