import { mostShownValue } from '@countermand/contracts/operations.ts'
import { type StaffRole, staffRole } from '../../store/staff.ts'

/** Every page of staff, once: routes, the check of roles and the tests of access are made of this table. */
export interface StaffEndpoint {
  readonly method: 'GET' | 'POST'
  /** With its parameters in braces. */
  readonly path: string
  /** Whose role may; `anybody`: who is not signed in too. */
  readonly who: readonly StaffRole[] | 'anybody'
  /** Whose it has to be: of an order, of the member's merchants; of a statement, which is nobody's yet, of a member of all merchants; of what was done in one go, the member's own; of the system, of a member of all merchants. */
  readonly about?: 'order' | 'statement' | 'batch' | 'system'
  /** For so many ms more than others its answer may be waited for: many deeds at once. */
  readonly waitMs?: number
  /** Of its form, percent-encoded, where more than of others is taken. */
  readonly mostBytes?: number
}

const everybody: readonly StaffRole[] = ['merchant', 'support', 'operations']
const deciders: readonly StaffRole[] = ['merchant', 'support']
/** Merchants of their own alone. */
const reporters: readonly StaffRole[] = ['merchant', 'analyst', 'admin']
const support: readonly StaffRole[] = ['support']
const operators: readonly StaffRole[] = ['operations']

/** Operations is asked, and waited for. */
const lookMs = 2_000

/** As much as is shown of a value, each character three bytes of UTF-8, percent-encoded; and the fields around it. */
const valueBytes = 9 * mostShownValue + 4_096

/** For two hundred, each of which is decided, written down and sent. */
const manyMs = 8_000

export const staffEndpoints = {
  search: { method: 'GET', path: '/', who: everybody },
  inbox: { method: 'GET', path: '/inbox', who: everybody },
  review: { method: 'POST', path: '/inbox/review', who: deciders },
  decideMany: { method: 'POST', path: '/inbox', who: deciders, waitMs: manyMs },
  results: { method: 'GET', path: '/inbox/results/{batch}', who: deciders, about: 'batch' },
  case: { method: 'GET', path: '/cases/{orderId}', who: everybody, about: 'order' },
  decide: { method: 'POST', path: '/cases/{orderId}/decision', who: deciders, about: 'order' },
  takeBack: { method: 'POST', path: '/cases/{orderId}/withdrawal', who: support, about: 'order' },
  cancel: { method: 'GET', path: '/cases/{orderId}/cancel', who: support, about: 'order' },
  cancelReview: { method: 'GET', path: '/cases/{orderId}/cancel/review', who: support, about: 'order' },
  sendCancel: { method: 'POST', path: '/cases/{orderId}/cancel', who: support, about: 'order' },
  note: { method: 'POST', path: '/cases/{orderId}/notes', who: everybody, about: 'order' },
  link: { method: 'POST', path: '/cases/{orderId}/links', who: support, about: 'order' },
  statements: { method: 'GET', path: '/statements', who: support, about: 'statement' },
  match: { method: 'POST', path: '/statements/{statementId}/match', who: support, about: 'statement' },
  close: { method: 'POST', path: '/statements/{statementId}/closing', who: support, about: 'statement' },
  attention: { method: 'GET', path: '/attention', who: operators, about: 'system' },
  lookAtSagas: { method: 'POST', path: '/attention', who: operators, about: 'system' },
  operation: { method: 'GET', path: '/operations/{operationId}', who: operators, about: 'system' },
  sendOperation: { method: 'POST', path: '/operations/{operationId}', who: operators, about: 'system' },
  approveOperation: { method: 'POST', path: '/operations/{operationId}/approval', who: operators, about: 'system' },
  dropOperation: { method: 'POST', path: '/operations/{operationId}/refusal', who: operators, about: 'system' },
  system: { method: 'GET', path: '/system', who: operators, about: 'system', waitMs: lookMs },
  intake: { method: 'POST', path: '/system/intake', who: operators, about: 'system', waitMs: lookMs },
  letters: { method: 'GET', path: '/dead-letters', who: operators, about: 'system', waitMs: lookMs },
  letter: { method: 'GET', path: '/dead-letters/{letterId}', who: operators, about: 'system', waitMs: lookMs },
  redrive: {
    method: 'POST',
    path: '/dead-letters/{letterId}/redrive',
    who: operators,
    about: 'system',
    waitMs: lookMs,
    mostBytes: valueBytes,
  },
  discard: {
    method: 'POST',
    path: '/dead-letters/{letterId}/discard',
    who: operators,
    about: 'system',
    waitMs: lookMs,
  },
  reports: { method: 'GET', path: '/reports', who: reporters },
  report: { method: 'GET', path: '/reports/{report}', who: reporters },
  signIn: { method: 'GET', path: '/auth/sign-in', who: 'anybody' },
  callback: { method: 'GET', path: '/auth/callback', who: 'anybody' },
  backchannelLogout: { method: 'POST', path: '/auth/backchannel-logout', who: 'anybody' },
  signOut: { method: 'POST', path: '/auth/sign-out', who: staffRole.options },
} as const satisfies Readonly<Record<string, StaffEndpoint>>
export type StaffEndpointName = keyof typeof staffEndpoints
