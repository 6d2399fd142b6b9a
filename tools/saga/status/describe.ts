import { shellCommand, visibleLine } from '@countermand/contracts/shown.ts'
import type { Status } from '@countermand/workflows/operations/status/read.ts'
import { colours } from '../../terminal/colours.ts'
import { columns } from '../../terminal/print.ts'
import { ageText, momentText } from '../age.ts'
import { moneyText } from '../triage/describe.ts'

const ago = (iso: string, { at }: Status): string => ageText(Date.parse(at) - Date.parse(iso))

/** What is well, in one word, or what is not, and what leads on: a command, or the page about it. */
type Line = readonly [what: string, how: string, leads: string]

const page = (name: string): string => `docs/runbooks/${name}.md`

const well = (text: string): string => colours.green(text)
const bad = (text: string): string => colours.red(text)

const intakeLines = ({ intake }: Status): Line[] => {
  if (intake === null) return []
  const held = intake.held === null ? 'how many events wait is not known' : `cancel events that wait: ${intake.held}`
  if (!intake.paused) return [['intake', well(`open, ${held}`), '']]
  const how = visibleLine(`paused by ${intake.by}: ${intake.reason}; ${held}`)
  return [['intake', bad(how), 'saga intake resume']]
}

const attentionLines = (status: Status): Line[] => {
  const { attention } = status
  if (attention === null) return []
  if (attention.length === 0) return [['attention', well('no saga needs anybody'), '']]
  return attention.map(({ reason, sagas, since, money }, place) => [
    place === 0 ? 'attention' : '',
    bad(
      `${sagas} ${reason}, ${sagas === 1 ? 'for' : 'the oldest for'} ${ago(since, status)}${money.length === 0 ? '' : `, ${money.map(moneyText).join(' and ')}`}`,
    ),
    place === 0 ? 'saga list --attention' : '',
  ])
}

const letterLines = (status: Status): Line[] => {
  const { deadLetters } = status
  if (deadLetters === null) return []
  if (deadLetters.length === 0) return [['dead letters', well('none that is open'), '']]
  return deadLetters.map(({ reason, letters, oldest }, place) => [
    place === 0 ? 'dead letters' : '',
    bad(`${letters} ${reason}, the oldest for ${ago(oldest, status)}`),
    `saga dlq list --open --cause ${reason}`,
  ])
}

/** Fewer are on their way at any moment. */
const manyMessages = 100
const shownGroups = 5

const lagLines = ({ lag, intake }: Status): Line[] => {
  if (lag === null) return []
  const behind = lag.filter(({ messages }) => messages > 0).toSorted((a, b) => b.messages - a.messages)
  if (behind.length === 0) return [['lag', well('none'), '']]
  return behind.slice(0, shownGroups).map(({ group, topic, messages }, place) => {
    const text = `${group} has ${messages} of ${topic} before it`
    const held = intake?.paused === true && group.endsWith('-intake')
    const isBad = messages >= manyMessages && !held
    return [place === 0 ? 'lag' : '', isBad ? bad(text) : text, isBad ? page('consumer-lagging') : '']
  })
}

/** An outbox is emptied many times a second. */
const lateMs = 10_000

const outboxLines = (status: Status): Line[] => {
  const { outboxes } = status
  if (outboxes === null) return []
  const full = outboxes.filter(({ oldest }) => oldest !== null)
  if (full.length === 0) return [['outboxes', well('empty'), '']]
  return full.map(({ service, messages, oldest }, place) => {
    const age = Date.parse(status.at) - Date.parse(oldest ?? status.at)
    const text = `${service} has ${messages}, the oldest for ${ageText(age)}`
    const isLate = age > lateMs
    return [place === 0 ? 'outboxes' : '', isLate ? bad(text) : text, isLate ? page('outbox-stuck') : '']
  })
}

const differenceLines = (status: Status): Line[] => {
  const { differences } = status
  if (differences === null) return []
  if (differences.length === 0) return [['books', well('no difference to a provider is known'), '']]
  return differences.map(({ account, kind, count, oldest }, place) => {
    const how = bad(visibleLine(`${count} ${kind} at ${account}, the oldest known for ${ago(oldest, status)}`))
    return [place === 0 ? 'books' : '', how, shellCommand('saga reconcile --account', account)]
  })
}

const shownDeadlines = 5

const deadlineLines = (status: Status): Line[] => {
  const { deadlines } = status
  if (deadlines === null) return []
  if (deadlines.length === 0) return [['deadlines', 'none within the hour', '']]
  const shown = deadlines.slice(0, shownDeadlines).map(({ requestId, of, at, means }, place): Line => {
    const left = Date.parse(at) - Date.parse(status.at)
    const when = left < 0 ? `${ageText(-left)} ago` : `in ${ageText(left)}`
    return [
      place === 0 ? 'deadlines' : '',
      `${of} ${when} (${momentText(at).slice(11)}), then ${means}`,
      shellCommand('saga show', requestId),
    ]
  })
  const rest = deadlines.length - shown.length
  return rest === 0 ? shown : [...shown, ['', `and ${rest} more within the hour`, 'saga list --stage confirming']]
}

/** For people: on one screen what is well and what is not, each line with what leads on. */
export const describeStatus = (status: Status): string => {
  const lines: Line[] = [
    ...intakeLines(status),
    ...attentionLines(status),
    ...letterLines(status),
    ...deadlineLines(status),
    ...lagLines(status),
    ...outboxLines(status),
    ...differenceLines(status),
    ...(status.open === null ? [] : [['open', `${status.open} requests hold an order`, 'saga list'] as const]),
    ...status.unread.map(
      ({ part, error }): Line => [part, bad(`not known: ${visibleLine(error)}`), page('process-not-ready')],
    ),
  ]
  return columns(lines.map(([what, how, leads]) => [colours.bold(what), how, colours.dim(leads)]))
}
