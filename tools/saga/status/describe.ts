import { shellCommand, visibleLine } from '@countermand/contracts/shown.ts'
import { colours } from '../../colours.ts'
import { ageText, momentText } from '../age.ts'
import { columns } from '../print.ts'
import { moneyText } from '../triage/describe.ts'
import type { Status } from './read.ts'

const ago = (iso: string, { at }: Status): string => ageText(Date.parse(at) - Date.parse(iso))

/** What is well, in one word, or what is not, and the command that leads on. */
type Line = readonly [what: string, how: string, command: string]

const well = (text: string): string => colours.green(text)
const bad = (text: string): string => colours.red(text)

const intakeLines = ({ intake }: Status): Line[] => {
  if (intake === null) return []
  const held = intake.held === null ? 'how many events wait is not known' : `cancel events that wait: ${intake.held}`
  if (!intake.paused) return [['intake', well(`open, ${held}`), '']]
  const how = visibleLine(`paused by ${intake.by}: ${intake.reason}; ${held}`)
  return [['intake', bad(how), 'intake resume']]
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
    place === 0 ? 'list --attention' : '',
  ])
}

const letterLines = (status: Status): Line[] => {
  const { deadLetters } = status
  if (deadLetters === null) return []
  if (deadLetters.length === 0) return [['dead letters', well('none that is open'), '']]
  return deadLetters.map(({ reason, letters, oldest }, place) => [
    place === 0 ? 'dead letters' : '',
    bad(`${letters} ${reason}, the oldest for ${ago(oldest, status)}`),
    `dlq list --open --cause ${reason}`,
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
    return [place === 0 ? 'lag' : '', messages >= manyMessages && !held ? bad(text) : text, '']
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
    return [place === 0 ? 'outboxes' : '', age > lateMs ? bad(text) : text, '']
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
      shellCommand('show', requestId),
    ]
  })
  const rest = deadlines.length - shown.length
  return rest === 0 ? shown : [...shown, ['', `and ${rest} more within the hour`, 'list --stage confirming']]
}

/** For people: on one screen what is well and what is not, each line with the command that leads on. */
export const describeStatus = (status: Status): string => {
  const lines: Line[] = [
    ...intakeLines(status),
    ...attentionLines(status),
    ...letterLines(status),
    ...deadlineLines(status),
    ...lagLines(status),
    ...outboxLines(status),
    ...(status.open === null ? [] : [['open', `${status.open} requests hold an order`, 'list'] as const]),
    ...status.unread.map(({ part, error }): Line => [part, bad(`not known: ${visibleLine(error)}`), '']),
  ]
  return columns(
    lines.map(([what, how, command]) => [
      colours.bold(what),
      how,
      command === '' ? '' : colours.dim(`saga ${command}`),
    ]),
  )
}
