import type {
  Answer,
  CancellationRecord,
  CancelRequested,
  RefusalCode,
  SagaStage,
  TenderRefund,
} from '@countermand/contracts'
import { toldDecisions } from './told-decisions.ts'

/** What was verified and promised when the order was put on hold; `at`: when that was, ISO 8601. */
export interface Begun extends Omit<Answer<'CancellationBegun'>, 'type' | 'decided'> {
  readonly at: string
}

/** What a request came to, kept for ever. */
export type End = { readonly stage: SagaStage /** ISO 8601. */; readonly at: string } & (
  | { readonly outcome: 'cancelled' | 'lines-cancelled'; readonly refunds: TenderRefund[] }
  | { readonly outcome: 'refused'; readonly code: RefusalCode; readonly message?: string; readonly by?: string }
  | {
      readonly outcome: 'withdrawn' | 'compensated'
      readonly code?: RefusalCode
      readonly message?: string
      readonly by?: string
    }
)

/** A word of the saga's, kept for the audit and, when it is a decision, given back to a run that starts again. */
export interface KeptRecord {
  readonly key: string
  readonly record: CancellationRecord
  /** When it was kept, ISO 8601. */
  readonly at: string
}

interface Kept {
  readonly request: CancelRequested
  /** In order of arrival. */
  readonly records: readonly KeptRecord[]
}

/** A request to cancel, by how far the order service has gone with it. */
export type CancellationRequest = Kept &
  (
    | { readonly status: 'asked' } // heard of by its records alone
    | { readonly status: 'holding'; readonly begun: Begun }
    | { readonly status: 'refused'; readonly end: End } // by verification
    | { readonly status: 'abandoned'; readonly end: End; readonly begun?: Begun } // maybe before it began
    | { readonly status: 'confirmed'; readonly end: End; readonly begun: Begun }
  )

export type EndedRequest = Extract<CancellationRequest, { readonly end: End }>

const withoutKind = <Said extends CancellationRecord>({ what: _, ...said }: Said) => said

/** What people have decided about it, in the order of their records. */
export const resolutionsOf = (records: readonly KeptRecord[]) =>
  toldDecisions(records.flatMap(({ record }) => (record.what === 'resolved' ? [withoutKind(record)] : [])))

/** What people have decided about a request, as answers carry it: a run that was reset to a moment before does not know of it. */
export const decidedAbout = ({ records }: Pick<CancellationRequest, 'records'>) => {
  const resolutions = resolutionsOf(records)
  return resolutions.length > 0 ? { resolutions } : {}
}

/** The hold as the saga is told of it, with what was decided since: a run that starts again does not ask twice. */
export const begunAnswer = (
  { at: _, ...begun }: Begun,
  records: readonly KeptRecord[],
): Answer<'CancellationBegun'> => {
  const approvals = records.flatMap(({ record }) => (record.what === 'decided' ? [withoutKind(record)] : []))
  const [approval] = approvals
  const turn = records.flatMap(({ record }) => (record.what === 'turning-back' ? [withoutKind(record)] : []))[0]
  return {
    type: 'CancellationBegun',
    ...begun,
    decided: { ...(approval && { approval }), resolutions: resolutionsOf(records), ...(turn && { turn }) },
  }
}
