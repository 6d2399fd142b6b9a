import { type Report, type ReportName, type ReportRow, reportNames } from '../../decide/report.ts'
import type { WrittenFeedback } from '../../store/feedback.ts'
import { button, form, linkButton, select, textField } from '../kit/form.ts'
import { type Html, html, type Piece } from '../kit/html.ts'
import type { Page } from '../kit/page.ts'
import { folded, type StaffAround, staffHrefs, time, words } from './parts.ts'

export interface ShownReport {
  readonly report: Report
  readonly filter: {
    readonly from: string
    readonly to: string
    readonly merchant?: string | undefined
    readonly market?: string | undefined
  }
  readonly merchants: readonly string[]
  readonly markets: readonly string[]
  /** In their own words, the newest first; absent: this member does not read them. */
  readonly texts?: readonly WrittenFeedback[] | undefined
}

const queryOf = (
  { from, to, merchant, market }: ShownReport['filter'],
  more: Readonly<Record<string, string>> = {},
): string =>
  `?${new URLSearchParams({ from, to, ...(merchant !== undefined && { merchant }), ...(market !== undefined && { market }), ...more })}`

const entry = (all: Readonly<Record<string, string>>, key: string): string =>
  (Object.hasOwn(all, key) ? all[key] : undefined) ?? key

const nameOf = (report: ReportName, { name, code }: ReportRow, { say, speech }: StaffAround): string => {
  const { reports } = say
  switch (report) {
    case 'reasons':
      return entry(say.reasons, name)
    case 'outcomes': {
      const outcome = entry(reports.outcomes, name)
      return code === undefined ? outcome : `${outcome}: ${entry(speech.words.cancellation.refusals, code)}`
    }
    case 'refund-times':
      return entry(speech.words.cancellation.channels, name)
    case 'decisions':
      return reports.decided(entry(reports.decisions, name), entry(reports.whose, code ?? ''))
    case 'feedback':
      return speech.words.feedback.scores[Number(name) - 1] ?? name
  }
}

const percent = (share: number, { speech }: StaffAround): string => speech.percent(share)
const duration = (seconds: number | undefined, { speech }: StaffAround): string =>
  seconds === undefined ? '–' : speech.duration(seconds)

/** A row of bars: what it says stands beside each as text, so that the bars are for the eye alone. */
const chart = ({ report: { report, rows } }: ShownReport, around: StaffAround): Html => {
  const most = Math.max(...rows.map(({ count }) => count), 1)
  const bar = (row: ReportRow) =>
    html`<li><span>${words(nameOf(report, row, around))}</span> <strong>${percent(row.share, around)}</strong>
<svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect width="${(100 * row.count) / most}" height="10" rx="1"/></svg></li>`
  return html`<ul class="chart">${rows.map(bar)}</ul>`
}

const sums = ({ amounts }: ReportRow, { speech }: StaffAround): Piece =>
  amounts.map(({ currency, amount }) => html`<div class="money">${speech.money(amount, currency)}</div>`)

const table = ({ report: { report, rows, all } }: ShownReport, around: StaffAround): Html => {
  const { reports } = around.say
  const isTimed = report === 'refund-times' || report === 'decisions'
  const hasMoney = report !== 'feedback'
  const cells = (row: ReportRow) =>
    html`<td>${around.speech.number(row.count)}</td><td>${percent(row.share, around)}</td>${
      hasMoney && html`<td>${sums(row, around)}</td>`
    }${isTimed && html`<td>${duration(row.p50, around)}</td><td>${duration(row.p90, around)}</td>`}${
      report === 'refund-times' && html`<td>${around.speech.number(row.late ?? 0)}</td>`
    }`
  const heads = [
    ...[reports.names[report], reports.count, reports.share],
    ...(hasMoney ? [reports.amount] : []),
    ...(isTimed ? [reports.half, reports.nine] : []),
    ...(report === 'refund-times' ? [reports.late] : []),
  ]
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${reports.titles[report]}"><table><thead><tr>${heads.map((each) => html`<th scope="col">${each}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr><th scope="row">${words(nameOf(report, row, around))}</th>${cells(row)}</tr>`)}</tbody>
<tfoot><tr><th scope="row">${reports.all}</th>${cells(all)}</tr></tfoot></table></div>`
}

const filters = ({ report: { report }, filter, merchants, markets }: ShownReport, around: StaffAround): Html => {
  const { reports, inbox } = around.say
  const day = (name: 'from' | 'to') =>
    html`<div>${textField({ name, label: reports[name], value: filter[name], type: 'date', autocomplete: 'off' })}</div>`
  const choice = (name: 'merchant' | 'market', label: string, every: string, values: readonly string[]) =>
    values.length > 1 &&
    html`<div>${select({
      ...{ name, label, chosen: filter[name] ?? '' },
      choices: [{ value: '', label: every }, ...values.map((value) => ({ value, label: value }))],
    })}</div>`
  const fields = html`<div class="filters">${day('from')}${day('to')}${choice('merchant', inbox.merchant, inbox.everyMerchant, merchants)}${choice('market', reports.market, reports.everyMarket, markets)}<div>${button(inbox.filter, 'quiet')}</div></div>`
  const { speech } = around
  // At noon: in whichever zone it is read, it is that day.
  const [first, last] = [filter.from, filter.to].map((each) => speech.day(`${each}T12:00:00Z`))
  const label = [`${first} – ${last}`, filter.merchant ?? [], filter.market ?? []].flat().join(' · ')
  return folded(label, form({ action: staffHrefs.report(report), method: 'get', fields }, around))
}

const tabs = ({ report: { report }, filter }: ShownReport, { say: { reports } }: StaffAround): Html =>
  html`<nav class="ways" aria-label="${reports.title}">${reportNames.map(
    (each) =>
      html`<a href="${staffHrefs.report(each)}${queryOf(filter)}"${each === report && html` aria-current="page"`}>${reports.titles[each]}</a>`,
  )}</nav>`

const opinions = ({ texts }: ShownReport, { say, speech }: StaffAround): Piece =>
  texts !== undefined &&
  texts.length > 0 &&
  html`<h2>${say.reports.texts}</h2><ul class="cards">${texts.map(
    ({ orderId, score, text, at }) => html`<li class="card"><p>${words(text)}</p>
<p class="soft">${speech.words.feedback.scores[score - 1]} · <a href="${staffHrefs.case(orderId)}"><bdi>${orderId}</bdi></a> · ${time(at, speech.moment(at))}</p></li>`,
  )}</ul>`

/** What decisions or feedback come to in one number. */
const lead = ({ report: { report, rows, count } }: ShownReport, around: StaffAround): Piece => {
  const { reports } = around.say
  if (count === 0) return html`<p class="lead">${reports.none}</p>`
  if (report === 'decisions') {
    const silent = rows.reduce((sum, each) => (each.code === 'silence' ? sum + each.count : sum), 0)
    return html`<p class="lead">${reports.silence(percent(silent / count, around))}</p>`
  }
  if (report !== 'feedback') return html`<p class="lead">${reports.total[report](around.speech.number(count))}</p>`
  const mean = rows.reduce((sum, each) => sum + Number(each.name) * each.count, 0) / count
  return html`<p class="lead">${reports.mean(around.speech.number(Math.round(mean * 10) / 10), around.speech.number(count))}</p>`
}

/** A1 to A5: one question, its answer as a picture and as a table, and what its words mean. */
export const reportPage = (shown: ShownReport, around: StaffAround): Page => {
  const {
    report: { report, count },
    filter,
  } = shown
  const { reports } = around.say
  return {
    title: reports.titles[report],
    content: html`${tabs(shown, around)}${filters(shown, around)}
${lead(shown, around)}
${
  count > 0 &&
  html`<section class="card">${chart(shown, around)}</section>
<section class="card">${table(shown, around)}</section>`
}
<p class="soft">${reports.means[report]}</p>
${count > 0 && linkButton(reports.csv, `${staffHrefs.report(report)}${queryOf(filter, { format: 'csv' })}`, 'quiet')}
${opinions(shown, around)}`,
  }
}
