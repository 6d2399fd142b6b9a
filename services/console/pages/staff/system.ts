import type { IntakeState, SystemState } from '@countermand/contracts'
import { button, errorSummary, form, hidden, type Invalid, textArea } from '../kit/form.ts'
import { type Html, html, type Piece } from '../kit/html.ts'
import { icon } from '../kit/icons.ts'
import type { Page } from '../kit/page.ts'
import { mostReason } from './operation.ts'
import { machineWords } from './operations-parts.ts'
import { type StaffAround, staffHrefs, time, words } from './parts.ts'

export interface ShownSystem {
  /** What operations said last; absent: nothing within the last hour. */
  readonly system?: SystemState | undefined
  /** It did not answer just now. */
  readonly isOld: boolean
  /** What troubles this console itself, in words. */
  readonly own: readonly string[]
  readonly draft?: string | undefined
  readonly errors: readonly Invalid[]
}

const intakeNow = (state: IntakeState | undefined, around: StaffAround): Html => {
  const { say, speech } = around
  const { system } = say.operations
  if (state === undefined) return html`<p class="note note-warn">${system.unknown}</p>`
  const held =
    state.held !== undefined && state.held > 0 && html`<p class="soft">${system.held(speech.number(state.held))}</p>`
  if (!state.paused)
    return html`<p class="note note-good result">${icon('check')}<span>${system.running}</span></p>${held}`
  const { by = '?', since, reason } = state
  return html`<p class="note note-warn result">${icon('alert')}<span>${system.paused(by, since === undefined ? '?' : speech.moment(since))}${reason !== undefined && html`<br>${words(reason)}`}</span></p>${held}<p class="soft">${system.nothingLost}</p>`
}

const intake = ({ system: found, draft, errors }: ShownSystem, around: StaffAround): Html => {
  const { say, speech } = around
  const { system } = say.operations
  const isPaused = found?.intake?.paused === true
  const fields = html`${hidden('to', isPaused ? 'resume' : 'pause')}${textArea({ name: 'reason', label: system.reason, value: draft, most: mostReason })}${button(isPaused ? system.resume : system.pause, isPaused ? 'primary' : 'danger')}`
  return html`<section class="card"><h2>${system.intake}</h2>${intakeNow(found?.intake, around)}${errorSummary(errors, speech)}${form({ action: staffHrefs.intake, method: 'post', fields }, around)}</section>`
}

/** A moment that somebody else said; what is none stands as it is. */
const momentOf = (at: string, { speech }: StaffAround): Piece =>
  Number.isNaN(Date.parse(at)) ? words(at) : time(at, speech.moment(at))

const rows = (title: string, all: readonly Html[] | undefined, none: string): Html =>
  html`<section class="card"><h2>${title}</h2>${all === undefined || all.length === 0 ? html`<p class="soft">${none}</p>` : html`<ul class="rows">${all}</ul>`}</section>`

const state = (found: SystemState, around: StaffAround): Html => {
  const { say, speech } = around
  const { system, reasons } = say.operations
  const number = speech.number
  const nameOf = (reason: string): string => Object.entries(reasons).find(([code]) => code === reason)?.[1] ?? reason
  const stuck = found.attention?.map(
    ({ reason, sagas, since, money }) =>
      html`<li><span><a class="name" href="${staffHrefs.attentionFor(reason)}">${nameOf(reason)}</a><br><span class="soft">${number(sagas)} · ${system.oldest(speech.moment(since))}</span></span>${money.length > 0 && html`<span class="money">${money.map((each) => speech.money(each.amount, each.currency)).join(' + ')}</span>`}</li>`,
  )
  const letters = found.letters?.map(
    ({ reason, letters: count, oldest }) =>
      html`<li><span><a class="name" href="${staffHrefs.lettersFor(reason)}">${machineWords(reason)}</a><br><span class="soft">${momentOf(oldest, around)}</span></span><span>${number(count)}</span></li>`,
  )
  const lag = found.lag?.map(
    ({ reader, topic, messages }) =>
      html`<li><span><span class="name">${machineWords(topic)}</span><br><span class="soft">${machineWords(reader)}</span></span><span>${number(messages)}</span></li>`,
  )
  const unread = found.unread.map(
    ({ part, error }) =>
      html`<li class="note note-bad result">${icon('alert')}<span>${machineWords(part)}<br>${machineWords(error)}</span></li>`,
  )
  return html`<section class="card"><h2>${system.parts}</h2>${unread.length === 0 ? html`<p class="note note-good result">${icon('check')}<span>${system.well}</span></p>` : html`<p>${system.unread}</p><ul class="cards">${unread}</ul>`}${found.open !== undefined && html`<p class="soft">${system.open(found.open, number(found.open))}</p>`}</section>
${rows(system.stuck, stuck, system.none)}${rows(system.letters, letters, system.none)}${rows(system.lag, lag, system.noLag)}`
}

/** O3: whether new cancellations are taken in, and what answers. */
export const systemPage = (shown: ShownSystem, around: StaffAround): Page => {
  const { system: found, isOld, own } = shown
  const { say, speech } = around
  const { system } = say.operations
  const notice = found === undefined ? system.never : isOld ? system.silent : undefined
  return {
    title: system.title,
    content: html`${notice !== undefined && html`<p class="note note-warn" role="status">${notice}</p>`}
<p class="soft">${found !== undefined && time(found.at, system.at(speech.moment(found.at)))} <a href="${staffHrefs.system}">${system.again}</a></p>
${intake(shown, around)}
${found !== undefined && state(found, around)}
<section class="card">${own.length === 0 ? html`<p>${icon('check')} ${system.console.ready}</p>` : html`<p>${icon('alert')} ${system.console.notReady}</p><ul>${own.map((each) => html`<li>${machineWords(each)}</li>`)}</ul>`}</section>`,
  }
}
