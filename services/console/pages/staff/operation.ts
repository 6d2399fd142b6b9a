import type { OperationAnswer, RepairedSaga } from '@countermand/contracts'
import type { Operation } from '../../state.ts'
import { button, errorSummary, form, type Invalid, linkButton, textArea } from '../kit/form.ts'
import { type Html, html, type Piece } from '../kit/html.ts'
import { icon } from '../kit/icons.ts'
import type { Page } from '../kit/page.ts'
import {
  type DeedWanted,
  deedWords,
  isDeed,
  machineWords,
  sagasOf,
  sumsOf,
  toneIcons,
  toneOf,
} from './operations-parts.ts'
import { folded, type StaffAround, staffHrefs, time, words } from './parts.ts'

export const mostReason = 1_500

/** Why nothing came of what was sent. */
export type Was = 'again' | 'gone' | 'own' | 'nothing' | 'stale'

export interface ShownOperation {
  readonly operation: Operation
  /** What the member who looks may do with it. */
  readonly is: { readonly own: boolean; readonly fresh: boolean; readonly dangerous: boolean; readonly second: boolean }
  readonly was?: Was | undefined
  readonly draft?: string | undefined
  readonly errors: readonly Invalid[]
  /** When it was read. ISO 8601. */
  readonly at: string
}

/** Whoever waits longer is told that nobody answers, in ms. */
const silentAfterMs = 10_000

const isLate = (since: string, at: string): boolean => Date.parse(at) - Date.parse(since) > silentAfterMs

const backOf = ({ kind }: DeedWanted, around: StaffAround): Page['back'] => {
  const { back } = around.say.operations.operation
  if (kind === 'redrive' || kind === 'discard') return { label: back.letters, href: staffHrefs.letters }
  if (kind === 'pause-intake' || kind === 'resume-intake') return { label: back.system, href: staffHrefs.system }
  return { label: back.sagas, href: staffHrefs.attention }
}

const sagaRow = ({ orderId, result, text, parked, done }: RepairedSaga, around: StaffAround): Html => {
  const { say, speech } = around
  const { operation, reasons, results } = say.operations
  const steps =
    done !== undefined &&
    done.length > 0 &&
    folded(
      operation.done(done.length, speech.number(done.length)),
      html`<p class="soft">${operation.doneHelp}</p><ul>${done.map((each) => html`<li>${machineWords(each)}</li>`)}</ul>`,
    )
  const trouble =
    parked !== undefined &&
    html`<p class="soft">${reasons[parked.reason]} · ${operation.step(parked.step, speech.number(parked.round))}</p><p class="soft">${machineWords(parked.error)}</p>`
  return html`<li class="note note-${toneOf(result)} result">${icon(toneIcons[toneOf(result)])}<div><a class="name" href="${staffHrefs.case(orderId)}"><bdi>${orderId}</bdi></a> · ${results[result]}
${result === 'would' ? trouble : html`<p class="soft">${machineWords(text)}</p>`}${steps}${done === undefined && html`<p class="soft">${operation.doneUnknown}</p>`}</div></li>`
}

/** What would come of it, or did. */
const answerList = (answer: OperationAnswer, around: StaffAround): Piece => {
  const { results } = around.say.operations
  if (answer.kind === 'sagas') return html`<ul class="cards">${answer.sagas.map((each) => sagaRow(each, around))}</ul>`
  if (answer.kind === 'handled' || answer.kind === 'intake') {
    const tone = toneOf(answer.result)
    return html`<p class="note note-${tone} result">${icon(toneIcons[tone])}<span>${results[answer.result]}<br>${machineWords(answer.text)}</span></p>`
  }
  if (answer.kind !== 'refused' && answer.kind !== 'unsettled') return undefined
  return html`<p class="note note-warn result">${icon('alert')}<span>${results[answer.kind]}<br>${machineWords(answer.text)}</span></p>`
}

const possibleIn = (plan: OperationAnswer | undefined): number => {
  if (plan?.kind === 'sagas') return plan.sagas.filter(({ result }) => result === 'would').length
  return plan?.kind === 'handled' && plan.result === 'would' ? 1 : 0
}

/** Which dead letter, whether with another value, and with which: whoever sends or approves it has seen it. */
const letterIn = (wanted: DeedWanted, around: StaffAround): Piece => {
  if (wanted.kind !== 'redrive' && wanted.kind !== 'discard') return undefined
  const { letters } = around.say.operations
  const value = wanted.kind === 'redrive' ? wanted.value : undefined
  return html`<section class="card"><p>${letters.id}: <a class="name" href="${staffHrefs.letter(wanted.letterId)}">${machineWords(wanted.letterId)}</a></p>
${wanted.kind === 'redrive' && html`<p>${value === undefined ? letters.asItWas : letters.edited}</p>`}${value !== undefined && html`<p>${value === '' ? letters.emptied : machineWords(value)}</p>`}</section>`
}

const stakeLine = ({ stake }: Operation, around: StaffAround): Piece => {
  const { operation } = around.say.operations
  return html`<p>${operation.stake}: ${stake.sums.length > 0 && html`<span class="money">${sumsOf(stake, around)}</span>`}${stake.unknown && html` <span class="soft">${operation.unknownStake}</span>`}</p>`
}

const signInAgain = (id: string, around: StaffAround): Html => {
  const { operation } = around.say.operations
  return html`<p class="note note-info">${operation.stale}</p>${linkButton(operation.signIn, staffHrefs.signInAgain(staffHrefs.operation(id)))}`
}

const sending = (shown: ShownOperation, wanted: DeedWanted, around: StaffAround): Html => {
  const { operation: found, is, draft, errors } = shown
  const { say, speech } = around
  const { operation } = say.operations
  const leave = backOf(wanted, around)?.href ?? staffHrefs.attention
  if (is.dangerous && !is.fresh)
    return html`${signInAgain(found.operationId, around)}${linkButton(operation.leave, leave, 'quiet')}`
  const count = sagasOf(wanted).length === 0 ? 0 : possibleIn(found.plan)
  const what = deedWords(wanted, around)
  const written = speech.number(count)
  const label =
    count === 0 ? what : is.second ? operation.propose(what, count, written) : operation.send(what, count, written)
  const fields = html`${textArea({ name: 'reason', label: operation.reason, help: operation.reasonHelp, value: draft, most: mostReason })}
${is.second && html`<p class="note note-info">${operation.second}</p>`}
<div class="deeds">${button(label, is.dangerous ? 'danger' : 'primary')}${linkButton(operation.leave, leave, 'quiet')}</div>`
  return html`${errorSummary(errors, speech)}${form({ action: staffHrefs.sendOperation(found.operationId), method: 'post', fields }, around)}`
}

const planned = (shown: ShownOperation, wanted: DeedWanted, around: StaffAround): Html => {
  const { operation: found, at } = shown
  const { operation } = around.say.operations
  if (found.plan === undefined) {
    const isSilent = isLate(found.at, at)
    return html`<p class="note note-${isSilent ? 'warn' : 'info'}" data-say>${isSilent ? operation.silent : operation.looking}</p><p><a href="" data-keep="again">${operation.again}</a></p>`
  }
  const possible = possibleIn(found.plan)
  return html`<h2 data-say>${possible > 0 ? operation.would : operation.wouldNot}</h2>${answerList(found.plan, around)}
${possible === 0 ? html`<p class="lead">${operation.nothingPossible}</p>` : html`${sagasOf(wanted).length > 0 && stakeLine(found, around)}${shown.is.own && sending(shown, wanted, around)}`}`
}

const reasonOf = ({ reason }: Operation): Piece => reason !== undefined && html`<p>${words(reason)}</p>`

const whoLine = (said: string, at: string | undefined, { speech }: StaffAround): Html =>
  html`<p class="soft"><bdi>${said}</bdi>${at !== undefined && html` · ${time(at, speech.moment(at))}`}</p>`

const proposed = (shown: ShownOperation, around: StaffAround): Html => {
  const { operation: found, is } = shown
  const { operation } = around.say.operations
  const id = found.operationId
  const drop = (label: string) =>
    form({ action: staffHrefs.dropOperation(id), method: 'post', fields: button(label, 'quiet') }, around)
  const approve = is.fresh
    ? form(
        { action: staffHrefs.approveOperation(id), method: 'post', fields: button(operation.approve, 'danger') },
        around,
      )
    : signInAgain(id, around)
  return html`<p class="note note-info" data-say>${is.own ? operation.waitsForSecond : operation.second}</p>
${whoLine(operation.proposedBy(found.author.name), found.proposedAt, around)}${reasonOf(found)}${stakeLine(found, around)}
${found.plan !== undefined && answerList(found.plan, around)}
<div class="deeds">${is.own ? drop(operation.takeBack) : html`${approve}${drop(operation.refuse)}`}</div>`
}

const doneIn = (answer: OperationAnswer): readonly [number, number] => {
  if (answer.kind === 'sagas')
    return [answer.sagas.filter(({ result }) => result === 'done').length, answer.sagas.length]
  return ['result' in answer && answer.result === 'done' ? 1 : 0, 1]
}

const sent = ({ operation: found, at }: ShownOperation, around: StaffAround): Html => {
  const { say, speech } = around
  const { operation } = say.operations
  const { answer, sentAt = found.at, second, author } = found
  const who = html`${whoLine(operation.sentBy(author.name), sentAt, around)}${second !== undefined && whoLine(operation.approvedBy(second.name), undefined, around)}${reasonOf(found)}`
  if (answer === undefined)
    return html`<p class="note note-info" data-say>${isLate(sentAt, at) ? operation.late : operation.waits}</p><p><a href="" data-keep="again">${operation.again}</a></p>${who}`
  const [done, all] = doneIn(answer)
  return html`<p class="lead" data-say>${operation.came(speech.number(done), speech.number(all))}</p>${answerList(answer, around)}${who}`
}

const partFor = (shown: ShownOperation, wanted: DeedWanted, around: StaffAround): Html => {
  const { operation: found } = shown
  switch (found.state) {
    case 'looking':
      return planned(shown, wanted, around)
    case 'proposed':
      return proposed(shown, around)
    case 'sent':
      return sent(shown, around)
    case 'dropped':
      return html`<p class="lead" data-say>${found.second === undefined ? around.say.operations.operation.lapsed : around.say.operations.operation.droppedBy(found.second.name)}</p>${whoLine(around.say.operations.operation.proposedBy(found.author.name), found.proposedAt, around)}${reasonOf(found)}`
  }
}

const isOpen = ({ state, plan, answer }: Operation): boolean =>
  (state === 'looking' && plan === undefined) || (state === 'sent' && answer === undefined) || state === 'proposed'

/** One deed of operations: what would be done, who wants it and why, and what came of it. */
export const operationPage = (shown: ShownOperation, around: StaffAround): Page => {
  const { operation: found, was } = shown
  const { operation } = around.say.operations
  const { wanted } = found
  if (!isDeed(wanted)) throw new Error('expected a deed, got a look')
  return {
    title: deedWords(wanted, around),
    live: isOpen(found),
    back: backOf(wanted, around),
    content: html`${was !== undefined && html`<p class="note note-warn" role="alert">${operation.was[was]}</p>`}${letterIn(wanted, around)}
${partFor(shown, wanted, around)}`,
  }
}
