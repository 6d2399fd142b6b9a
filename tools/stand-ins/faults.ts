import { z } from 'zod'

/** What goes wrong between a provider and whoever asks it, and between it and whoever it tells. Every stand-in knows all of them. */
export const requestFaults = [
  /** Nothing was heard of: its connection ends, its answer says so, or nothing comes. */
  ...(['cut-before', '429', '409', '500-before', 'hang-before'] as const),
  /** Its work is done, and nobody hears of it, or hears something else. */
  ...(['cut-after', 'cut-half', '500-after', 'hang-after'] as const),
  /** An answer of somebody on the way, and one that takes its time. */
  ...(['html-502', 'html-200', 'slow'] as const),
  /** Its work is done, and its yes has a failure in it. */
  ...(['error-200'] as const),
  /** The provider fails, and keeps that answer for the key; its work is done, or not. */
  ...(['kept-500', 'kept-500-after'] as const),
  /** Its credentials are not taken, or it has never heard of what it is asked about. */
  ...(['key-expired', 'other-account'] as const),
  /** The refund that it tells of is another one than it was asked for. */
  ...(['other-amount', 'other-currency'] as const),
] as const

/** Of a provider that signs its answers: not at all, by another's key, by one that nobody was told of, or of an hour ago. */
export const signingFaults = ['unsigned', 'other-key', 'unknown-key', 'hour-old'] as const
/** Of one whose yes may leave it open whether it has done the work: it has, and does not say so. */
export const openFaults = ['unsaid'] as const
export type RequestFault = (typeof requestFaults)[number] | (typeof signingFaults)[number] | (typeof openFaults)[number]

/** Of what it tells by itself. */
export const noticeFaults = [
  ...(['lost', 'three-times', 'before-answer', 'old', 'wrong-signature', 'ahead-of-time'] as const),
  /** By a key that nobody was told of, where it names its key; else as one of a wrong signature. */
  'unknown-signer',
] as const
export type NoticeFault = (typeof noticeFaults)[number]

export const plannedFault = z.object({
  /** In `METHOD /path`; absent: in every request. */
  match: z.string().optional(),
  fault: z.enum([...requestFaults, ...signingFaults, ...openFaults, ...noticeFaults]),
  times: z.int().positive().default(1),
})
export type PlannedFault = z.infer<typeof plannedFault>

const isNotice = (fault: PlannedFault['fault']): fault is NoticeFault => noticeFaults.some((each) => each === fault)

/** What is planned to go wrong, one after another for each kind. */
export const createFaults = () => {
  let planned: (PlannedFault & { left: number })[] = []
  const take = (is: (each: PlannedFault) => boolean): PlannedFault['fault'] | undefined => {
    const next = planned.find(is)
    if (next === undefined) return undefined
    next.left--
    planned = planned.filter(({ left }) => left > 0)
    return next.fault
  }
  return {
    plan: (fault: PlannedFault) => void planned.push({ ...fault, left: fault.times }),
    clear: () => {
      planned = []
    },
    /** What goes wrong with this request. */
    ofRequest: (request: string): RequestFault | undefined => {
      const fault = take((each) => !isNotice(each.fault) && request.includes(each.match ?? ''))
      return fault === undefined || isNotice(fault) ? undefined : fault
    },
    /** What goes wrong with what is told next. */
    ofNotice: (): NoticeFault | undefined => {
      const fault = take((each) => isNotice(each.fault))
      return fault !== undefined && isNotice(fault) ? fault : undefined
    },
  }
}

export type Faults = ReturnType<typeof createFaults>
