import { mostRepaired } from '@countermand/contracts/operations.ts'
import { urgency } from '../../decide/urgency.ts'
import type { Operation } from '../../state.ts'
import type { Stuck } from '../../store/attention.ts'
import type { Way } from '../../words/staff/operations/english.ts'
import { button, errorSummary, form, type Invalid, radios, select } from '../kit/form.ts'
import { attribute, type Html, html } from '../kit/html.ts'
import { icon } from '../kit/icons.ts'
import type { Page } from '../kit/page.ts'
import { sumOf } from './inbox.ts'
import { machineWords, operationLine } from './operations-parts.ts'
import { folded, type StaffAround, staffHrefs, time } from './parts.ts'

export const waysOut = ['retry', 'store-credit', 'bank-transfer', 'undo', 'skip'] as const satisfies readonly Way[]

export interface ShownAttention {
  /** What is most urgent first. */
  readonly stuck: readonly Stuck[]
  /** How many there are, shown or not. */
  readonly all: number
  readonly reason?: string | undefined
  readonly proposed: readonly Operation[]
  readonly lately: readonly Operation[]
  readonly chosen: ReadonlySet<string>
  readonly way?: Way | undefined
  readonly errors: readonly Invalid[]
  /** When it was read. ISO 8601. */
  readonly at: string
}

const reasonWords = (reason: string | undefined, { say }: StaffAround): string =>
  Object.entries(say.operations.reasons).find(([code]) => code === reason)?.[1] ?? reason ?? ''

const about = ({ request, error, remedies }: Stuck, around: StaffAround, at: string): Html => {
  const { say, speech } = around
  const { attention } = say.operations
  const since = request.attention?.since
  return html`<div class="about"><p class="head"><a class="name" href="${staffHrefs.case(request.orderId)}"><bdi>${request.orderId}</bdi></a> ${sumOf(request, around)}</p>
<p>${icon('alert')} ${reasonWords(request.attention?.reason, around)}</p>
${error !== undefined && html`<p class="soft">${machineWords(error)}</p>`}
<p class="soft">${since !== undefined && html`${time(since, attention.since(speech.moment(since)))} ${say.left(speech.relative(since, at))}`}${request.merchantId !== undefined && html` · <bdi>${request.merchantId}</bdi>`}</p>
${remedies.length > 0 && html`<p class="soft">${attention.possible(remedies.map((each) => say.operations.deeds[each]).join(' · '))}</p>`}</div>`
}

const filters = ({ reason }: ShownAttention, around: StaffAround): Html => {
  const { attention, reasons } = around.say.operations
  const choices = [
    { value: '', label: attention.everyReason },
    ...urgency.map((value) => ({ value, label: reasons[value] })),
  ]
  const fields = html`<div class="filters"><div>${select({ name: 'reason', label: attention.reason, chosen: reason ?? '', choices })}</div><div>${button(attention.filter, 'quiet')}</div></div>`
  const action = staffHrefs.attention
  return folded(around.say.inbox.some, form({ action, method: 'get', fields }, around), reason !== undefined)
}

const list = ({ stuck, chosen, way, at }: ShownAttention, around: StaffAround): Html => {
  const { attention } = around.say.operations
  const rows = stuck.map((each, place) => {
    const { requestId, orderId } = each.request
    return html`<li class="card pick" data-id="${requestId}"><label class="box"><input type="checkbox" name="request" value="${requestId}"${attribute('id', place === 0 && 'request')}${attribute('checked', chosen.has(requestId) || stuck.length === 1)}><span class="said">${attention.choose(orderId)}</span></label>${about(each, around, at)}</li>`
  })
  const choices = waysOut.map((value) => ({ value, ...attention.ways[value] }))
  const fields = html`<ul class="cards">${rows}</ul>
${radios({ name: 'way', legend: attention.what, choices, chosen: way ?? 'retry' })}
${button(attention.look)}<p class="soft">${attention.lookHelp}</p>`
  return form({ action: staffHrefs.attention, method: 'post', fields }, around)
}

/** O1: what cannot go on without a person, money that nobody can account for first. */
export const attentionPage = (shown: ShownAttention, around: StaffAround): Page => {
  const { stuck, all, reason, proposed, lately, errors } = shown
  const { say, speech } = around
  const { attention } = say.operations
  const number = speech.number
  const counted =
    all > stuck.length ? attention.shown(number(stuck.length), number(all)) : attention.waiting(all, number(all))
  return {
    title: attention.title,
    live: 'news',
    content: html`<p><a class="button button-quiet" href="${staffHrefs.attention}" data-offer hidden>${attention.news}</a></p>
${errorSummary(errors, speech)}
${proposed.length > 0 && html`<section class="card"><h2>${attention.proposed}</h2><ul class="rows">${proposed.map((each) => operationLine(each, around))}</ul></section>`}
${
  stuck.length === 0
    ? html`<p class="lead">${reason === undefined ? attention.nothing : attention.nothingSuch}</p>${reason === undefined && html`<p class="soft">${attention.nothingFor}</p>`}`
    : html`<p class="lead">${counted}</p>`
}
${(stuck.length > 1 || reason !== undefined) && filters(shown, around)}
${stuck.length > 0 && list(shown, around)}
${lately.length > 0 && html`<section class="card"><h2>${attention.lately}</h2><ul class="rows">${lately.map((each) => operationLine(each, around))}</ul></section>`}`,
  }
}

export const mostChosen = mostRepaired
