import type { ReportName } from '../../decide/report.ts'
import type { StaffSession } from '../../store/staff.ts'
import type { StaffWords } from '../../words/staff/words.ts'
import { type Choice, form } from '../kit/form.ts'
import { attribute, type Html, html, type Piece } from '../kit/html.ts'
import type { Surroundings } from '../kit/page.ts'

/** What pages of staff share. */

export interface StaffAround extends Surroundings {
  readonly say: StaffWords
}

/** What this member may do here. */
export interface MayDo {
  readonly decide: boolean
  readonly support: boolean
  readonly operations: boolean
}

const id = encodeURIComponent

export const staffHrefs = {
  inbox: '/inbox',
  review: '/inbox/review',
  results: (batch: string) => `/inbox/results/${id(batch)}`,
  search: '/',
  case: (orderId: string) => `/cases/${id(orderId)}`,
  takeBack: (orderId: string) => `/cases/${id(orderId)}/withdrawal`,
  decide: (orderId: string) => `/cases/${id(orderId)}/decision`,
  cancel: (orderId: string) => `/cases/${id(orderId)}/cancel`,
  cancelReview: (orderId: string) => `/cases/${id(orderId)}/cancel/review`,
  note: (orderId: string) => `/cases/${id(orderId)}/notes`,
  link: (orderId: string) => `/cases/${id(orderId)}/links`,
  statements: '/statements',
  reports: '/reports',
  report: (report: ReportName) => `/reports/${report}`,
  match: (statementId: string) => `/statements/${id(statementId)}/match`,
  close: (statementId: string) => `/statements/${id(statementId)}/closing`,
  attention: '/attention',
  attentionFor: (reason: string) => `/attention?${new URLSearchParams({ reason })}`,
  operation: (operationId: string) => `/operations/${id(operationId)}`,
  sendOperation: (operationId: string) => `/operations/${id(operationId)}`,
  approveOperation: (operationId: string) => `/operations/${id(operationId)}/approval`,
  dropOperation: (operationId: string) => `/operations/${id(operationId)}/refusal`,
  system: '/system',
  intake: '/system/intake',
  letters: '/dead-letters',
  lettersFor: (reason: string) => `/dead-letters?${new URLSearchParams({ reason })}`,
  letter: (letterId: string) => `/dead-letters/${id(letterId)}`,
  redrive: (letterId: string) => `/dead-letters/${id(letterId)}/redrive`,
  discard: (letterId: string) => `/dead-letters/${id(letterId)}/discard`,
  signInAgain: (to: string) => `/auth/sign-in?${new URLSearchParams({ to, again: '' })}`,
  signIn: (to: string) => `/auth/sign-in?${new URLSearchParams({ to })}`,
  signOut: '/auth/sign-out',
} as const

/** Whether a member sees statements: nobody knows of which merchant they are, so that those of some merchants do not. */
export const seesStatements = ({ roles, merchants }: Pick<StaffSession, 'roles' | 'merchants'>): boolean =>
  roles.includes('support') && merchants === null

/** Whether a member sees to what is stuck: it is of all merchants. */
export const seesSystem = ({ roles, merchants }: Pick<StaffSession, 'roles' | 'merchants'>): boolean =>
  roles.includes('operations') && merchants === null

/** Whether a member looks after orders, beside reading reports. */
export const seesOrders = ({ roles }: Pick<StaffSession, 'roles'>): boolean =>
  roles.some((role) => role === 'merchant' || role === 'support' || role === 'operations')

/** Whether a member reads reports. */
export const seesReports = ({ roles }: Pick<StaffSession, 'roles'>): boolean =>
  roles.some((role) => role === 'merchant' || role === 'analyst' || role === 'admin')

/** Where a member begins. */
export const homeOf = (member: Pick<StaffSession, 'roles'>): string =>
  seesOrders(member) ? staffHrefs.inbox : staffHrefs.reports

/** The ways around, and who is signed in. `at`: the address that is shown. */
export const staffNav = (
  member: Pick<StaffSession, 'name' | 'roles' | 'merchants'>,
  at: string,
  around: Omit<StaffAround, 'nav'>,
): Html => {
  const { nav, roles, operations } = around.say
  const places = [
    ...(seesOrders(member)
      ? [
          { label: nav.inbox, href: staffHrefs.inbox },
          { label: nav.search, href: staffHrefs.search },
        ]
      : []),
    ...(seesStatements(member) ? [{ label: nav.statements, href: staffHrefs.statements }] : []),
    ...(seesSystem(member)
      ? [
          { label: operations.nav.attention, href: staffHrefs.attention },
          { label: operations.nav.letters, href: staffHrefs.letters },
          { label: operations.nav.system, href: staffHrefs.system },
        ]
      : []),
    ...(seesReports(member) ? [{ label: around.say.reports.title, href: staffHrefs.reports }] : []),
  ]
  const [path = ''] = at.split('?')
  const role = member.roles.map((each) => roles[each]).join(', ')
  return html`<nav class="ways" aria-label="${nav.label}">${places.map(
    ({ label, href }) =>
      html`<a href="${href}"${attribute('aria-current', (path === href || (href !== staffHrefs.search && path.startsWith(`${href}/`))) && 'page')}>${label}</a>`,
  )}</nav>
<div class="who"><span class="soft"><bdi>${nav.signedIn(member.name, role)}</bdi></span>${form({ action: staffHrefs.signOut, method: 'post', fields: html`<button type="submit" class="button button-small">${nav.signOut}</button>` }, around)}</div>`
}

export const time = (at: string, said: string): Html => html`<time datetime="${at}">${said}</time>`

/** A button that says which of several deeds a form is sent for. */
export const deed = (name: string, value: string, label: Piece, kind: 'primary' | 'danger' | 'quiet'): Html =>
  html`<button type="submit" name="${name}" value="${value}" class="button button-${kind}">${label}</button>`

/** A form that is there when somebody wants it. Open where it was sent and not taken. */
export const folded = (label: string, content: Piece, isOpen = false): Html =>
  html`<details class="fold"${attribute('open', isOpen)}><summary>${label}</summary><div>${content}</div></details>`

/** How customers reach people; those that programs use are not asked for. */
const spokenWays = ['phone', 'mail', 'chat', 'marketplace'] as const
export const viaChoices = ({ say }: StaffAround): Choice[] =>
  spokenWays.map((value) => ({ value, label: say.vias[value] }))

/** What somebody wrote, as they wrote it. */
export const words = (text: string): Html => html`<bdi class="words">${text}</bdi>`
