import type { ShownLetter, WholeLetter } from '@countermand/contracts'
import { mostShownValue } from '@countermand/contracts/operations.ts'
import { button, errorSummary, form, type Invalid, linkButton, select, textArea } from '../kit/form.ts'
import { type Html, html, type Piece } from '../kit/html.ts'
import { icon } from '../kit/icons.ts'
import type { Page } from '../kit/page.ts'
import { mostReason } from './operation.ts'
import { machineWords } from './operations-parts.ts'
import { folded, type StaffAround, staffHrefs, time, words } from './parts.ts'

export interface ShownLetters {
  /** What operations said last; absent: nothing within the last hour. */
  readonly letters?: readonly ShownLetter[] | undefined
  readonly all: number
  /** It did not answer just now. */
  readonly isOld: boolean
  readonly filters: { readonly topic?: string | undefined; readonly reason?: string | undefined }
  /** What may be filtered by: all topics and reasons that there are. */
  readonly topics: readonly string[]
  readonly reasons: readonly string[]
}

const momentOf = (at: string, { speech }: StaffAround): Piece =>
  Number.isNaN(Date.parse(at)) ? words(at) : time(at, speech.moment(at))

const filters = ({ filters: wanted, topics, reasons }: ShownLetters, around: StaffAround): Html => {
  const { letters } = around.say.operations
  const choice = (name: 'topic' | 'reason', label: string, every: string, values: readonly string[]) =>
    html`<div>${select({ name, label, chosen: wanted[name] ?? '', choices: [{ value: '', label: every }, ...values.map((value) => ({ value, label: value }))] })}</div>`
  const fields = html`<div class="filters">${choice('topic', letters.topic, letters.everyTopic, topics)}${choice('reason', letters.reason, letters.everyReason, reasons)}<div>${button(letters.filter, 'quiet')}</div></div>`
  const isFiltered = wanted.topic !== undefined || wanted.reason !== undefined
  return folded(around.say.inbox.some, form({ action: staffHrefs.letters, method: 'get', fields }, around), isFiltered)
}

const letterRow = (letter: ShownLetter, around: StaffAround): Html => {
  const { letters } = around.say.operations
  const { letterId, key, error, service, failedAt, redrives } = letter
  return html`<li class="card"><p class="head"><a class="name" href="${staffHrefs.letter(letterId)}">${machineWords(key ?? letterId)}</a></p>
<p class="soft">${machineWords(error)}</p>
<p class="soft">${letters.reader(service)} · ${momentOf(failedAt, around)}${redrives > 0 && html` · ${letters.redrives(around.speech.number(redrives))}`}</p></li>`
}

/** Of one topic and reason each, the largest group first. */
const groups = (all: readonly ShownLetter[], around: StaffAround): readonly Html[] => {
  const { letters } = around.say.operations
  const byCause = Map.groupBy(all, ({ topic, reason }) => JSON.stringify([topic, reason]))
  return [...byCause.values()]
    .toSorted((a, b) => b.length - a.length)
    .map((group) => {
      const [first] = group
      return html`<section><h2>${machineWords(first?.topic ?? '')}</h2><p>${icon('alert')} ${machineWords(first?.reason ?? '')} · ${letters.counted(group.length, around.speech.number(group.length))}</p><ul class="cards">${group.map((each) => letterRow(each, around))}</ul></section>`
    })
}

/** O2: messages that could not be used, by topic and reason. */
export const lettersPage = (shown: ShownLetters, around: StaffAround): Page => {
  const { letters: found, all, isOld, filters: wanted } = shown
  const { say, speech } = around
  const { letters } = say.operations
  const isFiltered = wanted.topic !== undefined || wanted.reason !== undefined
  const notice = found === undefined ? letters.never : isOld ? letters.silent : undefined
  const none = isFiltered ? letters.noneSuch : letters.none
  return {
    title: letters.title,
    content: html`${notice !== undefined && html`<p class="note note-warn" role="status">${notice}</p>`}<p class="soft">${letters.lead}</p>
${filters(shown, around)}
${found !== undefined && (found.length === 0 ? html`<p class="lead">${none}</p>` : html`${all > found.length && html`<p class="lead">${letters.shown(speech.number(found.length), speech.number(all))}</p>`}${groups(found, around)}`)}`,
  }
}

export interface ShownOneLetter {
  readonly letter: WholeLetter
  readonly draft?: { readonly value?: string | undefined; readonly reason?: string | undefined } | undefined
  readonly errors: readonly Invalid[]
}

const facts = ({ letterId, key, type, failures }: WholeLetter, around: StaffAround): Html => {
  const { letters } = around.say.operations
  return html`<section class="card"><h2>${letters.error}</h2>${failures.map(
    ({ service, reason, error, failedAt }) =>
      html`<p>${icon('alert')} ${machineWords(reason)} <span class="soft">${letters.reader(service)} · ${momentOf(failedAt, around)}</span><br>${machineWords(error)}</p>`,
  )}<dl><dt>${letters.id}</dt><dd>${machineWords(letterId)}</dd>${key !== undefined && html`<dt>${letters.key}</dt><dd>${machineWords(key)}</dd>`}${type !== undefined && html`<dt>${letters.type}</dt><dd>${machineWords(type)}</dd>`}</dl></section>`
}

const headersOf = ({ headers }: WholeLetter, { say }: StaffAround): Piece =>
  headers.length > 0 &&
  folded(
    say.operations.letters.headers,
    html`<dl>${headers.map(({ name, value }) => html`<dt>${machineWords(name)}</dt><dd>${machineWords(value)}</dd>`)}</dl>`,
  )

const logOf = ({ log }: WholeLetter, around: StaffAround): Piece => {
  const { letters } = around.say.operations
  return (
    log.length > 0 &&
    html`<section class="card"><h2>${letters.log}</h2><ul class="rows">${log.map(
      ({ what, by, why, at }) =>
        html`<li><span><span class="name">${letters[what]}</span><br><span class="soft">${words(by)} · ${momentOf(at, around)}${why !== undefined && html` · ${words(why)}`}</span></span></li>`,
    )}</ul></section>`
  )
}

const redriving = ({ letter, draft }: ShownOneLetter, around: StaffAround): Html => {
  const { letters } = around.say.operations
  const value = draft?.value ?? letter.value
  const fields = html`${
    value === undefined
      ? html`<p class="soft">${letters.noValue}</p>`
      : textArea({
          name: 'value',
          label: letters.value,
          help: letters.valueHelp,
          value: `\n${value}`,
          rows: 14,
          most: mostShownValue,
        })
  }${button(letters.look)}`
  return html`<section class="card">${form({ action: staffHrefs.redrive(letter.letterId), method: 'post', fields }, around)}</section>`
}

const discarding = ({ letter, draft, errors }: ShownOneLetter, around: StaffAround): Html => {
  const { letters } = around.say.operations
  const fields = html`<p class="soft">${letters.discardHelp}</p>${textArea({ name: 'reason', label: letters.because, value: draft?.reason, most: mostReason })}${button(letters.discard, 'danger')}`
  const action = staffHrefs.discard(letter.letterId)
  return folded(
    letters.discard,
    form({ action, method: 'post', fields }, around),
    errors.some(({ field }) => field === 'reason'),
  )
}

/** One dead letter, as it is, and what can be done with it. */
export const letterPage = (shown: ShownOneLetter, around: StaffAround): Page => {
  const { letter, errors } = shown
  const { say, speech } = around
  const { letters, operation } = say.operations
  const isOpen = letter.state === 'open'
  return {
    title: letters.one,
    back: { label: operation.back.letters, href: staffHrefs.letters },
    content: html`${errorSummary(errors, speech)}<p class="lead">${machineWords(letter.topic)} · ${letters.states[letter.state]}</p>
${facts(letter, around)}<p class="note note-info">${letters.personal}</p>${headersOf(letter, around)}
${isOpen ? redriving(shown, around) : letter.value !== undefined && html`<section class="card"><h2>${letters.value}</h2><p>${machineWords(letter.value)}</p></section>`}
${logOf(letter, around)}${isOpen && discarding(shown, around)}`,
  }
}

/** It is not there, or operations did not say so. */
export const noLetterPage = (isAway: boolean, { say }: StaffAround): Page => {
  const { letters, operation } = say.operations
  return {
    title: letters.one,
    content: html`<p class="lead" role="alert">${isAway ? letters.never : letters.gone}</p>${linkButton(operation.back.letters, staffHrefs.letters, 'quiet')}`,
  }
}
