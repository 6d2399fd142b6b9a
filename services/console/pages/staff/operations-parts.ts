import type { OperationResult, OperationWanted } from '@countermand/contracts'
import type { Operation, Stake } from '../../state.ts'
import { type Html, html, type Piece } from '../kit/html.ts'
import { type StaffAround, staffHrefs, time, words } from './parts.ts'

/** What pages of operators share. */

/** What programs said, word for word: in no language but theirs. */
export const machineWords = (text: string): Html => html`<bdi class="words code" lang="en">${text}</bdi>`

export type SagasWanted = Extract<OperationWanted, { readonly kind: 'retry' | 'resolve' }>
type LookWanted = Extract<OperationWanted, { readonly kind: `look-${string}` }>
export type DeedWanted = Exclude<OperationWanted, LookWanted>

export const isDeed = (wanted: OperationWanted): wanted is DeedWanted => !wanted.kind.startsWith('look-')
export const sagasOf = (wanted: OperationWanted) => ('sagas' in wanted ? wanted.sagas : [])

/** What is to be done, in a few words. */
export const deedWords = (wanted: DeedWanted, { say }: StaffAround): string => {
  const { deeds, attention } = say.operations
  if (wanted.kind !== 'resolve') return deeds[wanted.kind]
  return wanted.decision === 'refund-elsewhere' && wanted.to !== undefined
    ? attention.ways[wanted.to].label
    : deeds[wanted.decision]
}

export const sumsOf = ({ sums }: Stake, { speech }: StaffAround): string =>
  sums.map(({ amount, currency }) => speech.money(amount, currency)).join(' + ')

/** A deed as one line of a list. */
export const operationLine = (operation: Operation, around: StaffAround): Piece => {
  const { operationId, wanted, author, at, stake } = operation
  if (!isDeed(wanted)) return undefined
  const { say, speech } = around
  const count = sagasOf(wanted).length
  const what = deedWords(wanted, around)
  const label = count === 0 ? what : say.operations.attention.of(what, count, speech.number(count))
  return html`<li data-id="${operationId}"><span><a class="name" href="${staffHrefs.operation(operationId)}">${label}</a><br><span class="soft">${words(author.name)} · ${time(at, speech.moment(at))}</span></span>${stake.sums.length > 0 && html`<span class="money">${sumsOf(stake, around)}</span>`}</li>`
}

type Tone = 'good' | 'info' | 'warn'

/** How good an answer is for whoever asked. */
export const toneOf = (result: OperationResult): Tone =>
  result === 'refused' || result === 'unsettled' ? 'warn' : result === 'nothing-done' ? 'info' : 'good'
export const toneIcons = { good: 'check', info: 'minus', warn: 'alert' } as const
