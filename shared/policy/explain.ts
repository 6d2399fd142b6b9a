import { type Decision, type LineDecision, type Reason, type Summary, summaryOf } from './decide.ts'
import type { Library } from './library.ts'
import { languageOf } from './texts.ts'

/** A reason as it is shown to people. */
export interface Told extends Reason {
  /** Of the reason, in the language asked for. */
  readonly text: string
}

/** A decision in words. */
export interface Explanation {
  readonly language: string
  /** What decided each line. */
  readonly lines: readonly {
    readonly lineId: string
    readonly ground: string
    readonly why: readonly Told[]
    /** What did not, and why not. */
    readonly lost: readonly (Told & { readonly because: string })[]
  }[]
  /** What holds, each a sentence. */
  readonly says: readonly string[]
  /** What was assumed, what is not settled, and that nobody signed it off. */
  readonly notes: readonly string[]
}

const inWords = (instant: string, language: string, zone: string, wholeDay: boolean): string =>
  new Intl.DateTimeFormat(language, {
    timeZone: zone,
    ...(wholeDay ? { dateStyle: 'full' } : { dateStyle: 'long', timeStyle: 'medium' }),
  }).format(new Date(Date.parse(instant) - (wholeDay ? 1 : 0)))

const windowText = (line: LineDecision, say: Say, date: (at: string, wholeDay: boolean) => string): string[] => {
  const { window } = line
  if (window === undefined) return []
  if (window.until === undefined) return [say('window.before')]
  const until = date(window.until, window.lastDay !== undefined)
  return [
    say(window.timing === 'after' ? 'window.over' : 'window.open', { until }),
    ...(window.rolled.length > 0 ? [say('window.rolled', { days: window.rolled.length })] : []),
    ...(window.notInformed ? [say('window.not-informed')] : []),
  ]
}

type Say = (key: string, values?: Readonly<Record<string, string | number>>) => string

const refundTexts = ({ refund }: Summary, say: Say, date: (at: string) => string): string[] => [
  say(`means.${refund.means}`),
  say(`withhold.${refund.withhold}`),
  say(`shipping.${refund.shipping}`),
  say(`return-cost.${refund.returnCost}`),
  ...(refund.dueAt === undefined ? [] : [say('refund.due', { due: date(refund.dueAt) })]),
  ...(refund.otherMeansBy === undefined ? [] : [say('refund.other-means', { due: date(refund.otherMeansBy) })]),
  ...(refund.collectBy === undefined ? [] : [say('collect.by', { due: date(refund.collectBy) })]),
]

/** Says in words why it was decided so: the rules that won and lost with their citations, the dates, and what nobody knows. Never generated: texts are the policies' own. */
export const explain = (library: Library, decision: Decision, tag?: string): Explanation => {
  const { texts } = library
  const language = languageOf(texts.languages, tag)
  const say: Say = (key, values = {}) => texts.say(language, key, values)
  const pack = library.packs.get(decision.pack)
  const zones = pack?.zones ?? { customer: 'UTC', seller: 'UTC' }
  const top = decision.lines.find((line) => line.ground === decision.ground)
  const wholeDays = top?.clocks.refund === undefined || top.clocks.refund.lastDay !== undefined
  const summary = summaryOf(decision)
  const tell = <Each extends Reason>(each: Each): Each & Told => ({ ...each, text: say(each.text) })
  return {
    language,
    lines: decision.lines.map(({ lineId, ground, why, lost }) => ({
      ...{ lineId, ground: say(`ground.${ground}`), why: why.map(tell) },
      lost: lost.map((each) => ({ ...tell(each), because: say(`lost.${each.because.replaceAll(' ', '-')}`) })),
    })),
    says: [
      ...(top === undefined
        ? []
        : windowText(top, say, (at, wholeDay) => inWords(at, language, zones.customer, wholeDay))),
      ...(decision.ground === 'request'
        ? []
        : refundTexts(summary, say, (at) => inWords(at, language, zones.seller, wholeDays))),
    ],
    notes: [
      ...decision.assumed.map((fact) =>
        say(`assumed.${fact.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`),
      ),
      ...(pack?.open ?? []).map(({ says, takes }) => say('note.open', { says, takes })),
      ...(decision.signedOff ? [] : [say('note.not-signed-off', { pack: decision.pack })]),
      say('note.no-advice'),
    ],
  }
}
