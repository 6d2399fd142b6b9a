import type { ShownOrder } from '../../decide/order.ts'
import type { OpenStatement } from '../../store/statements.ts'
import { button, errorSummary, form, hidden, type Invalid, textArea, textField } from '../kit/form.ts'
import { type Html, html } from '../kit/html.ts'
import type { Page } from '../kit/page.ts'
import { folded, type StaffAround, staffHrefs, time, words } from './parts.ts'

export const mostBecause = 2_000

export interface ShownStatement {
  readonly statement: OpenStatement
  /** Orders that it may be of. */
  readonly candidates: readonly ShownOrder[]
}

export interface ShownStatements {
  readonly all: readonly ShownStatement[]
  /** Whether an answer can be sent. */
  readonly mails: boolean
  readonly came?: 'closed' | 'gone' | undefined
  readonly errors: readonly Invalid[]
}

const matching = ({ statement, candidates }: ShownStatement, place: number, around: StaffAround): Html => {
  const { say, speech } = around
  const action = staffHrefs.match(statement.id)
  const one = (order: ShownOrder) => {
    const label = say.statements.candidate(
      order.orderId,
      speech.money(order.total, order.currency),
      speech.day(order.placedAt),
    )
    return html`<li>${form({ action, method: 'post', fields: html`${hidden('order', order.orderId)}<a href="${staffHrefs.case(order.orderId)}">${words(label)}</a> ${button(say.statements.match, 'quiet')}` }, around)}</li>`
  }
  const typed = html`${textField({ id: `order-${place}`, name: 'order', label: say.statements.order, help: say.statements.matchHelp, autocomplete: 'off' })}${button(say.statements.match, 'quiet')}`
  return html`${
    candidates.length > 0 &&
    html`<h3>${say.statements.candidates}</h3><ul class="rows candidates">${candidates.map(one)}</ul>`
  }${form({ action, method: 'post', fields: typed }, around)}`
}

const closing = ({ statement }: ShownStatement, place: number, mails: boolean, around: StaffAround): Html => {
  const { statements } = around.say
  const fields = html`${textArea({ id: `because-${place}`, name: 'because', label: statements.because, help: statements.becauseHelp, most: mostBecause })}
${mails && textArea({ id: `answer-${place}`, name: 'answer', label: statements.answer, most: mostBecause })}${button(statements.close, 'danger')}`
  return folded(statements.close, form({ action: staffHrefs.close(statement.id), method: 'post', fields }, around))
}

const card = (shown: ShownStatement, place: number, mails: boolean, around: StaffAround): Html => {
  const { say, speech } = around
  const { statement } = shown
  return html`<li class="card"><h2>${words(say.statements.from(statement.name))}</h2>
<dl><dt>${say.statements.words}</dt><dd lang="${statement.language}">${words(statement.contract)}</dd>
<dt>${say.statements.contact}</dt><dd><bdi>${statement.contact}</bdi></dd></dl>
<p class="soft">${time(statement.receivedAt, say.statements.received(speech.moment(statement.receivedAt)))}</p>
${matching(shown, place, around)}${closing(shown, place, mails, around)}</li>`
}

/** S3: statements of withdrawal that somebody has to see to. */
export const statementsPage = ({ all, mails, came, errors }: ShownStatements, around: StaffAround): Page => {
  const { say, speech } = around
  return {
    title: say.statements.title,
    content: html`${came !== undefined && html`<p class="note note-${came === 'closed' ? 'good' : 'warn'}" role="status">${say.statements[came]}</p>`}
${errorSummary(errors, speech)}<p class="soft">${say.statements.lead}</p>
${
  all.length === 0
    ? html`<p class="lead">${say.statements.none}</p>`
    : html`<ul class="cards">${all.map((each, place) => card(each, place, mails, around))}</ul>`
}`,
  }
}
