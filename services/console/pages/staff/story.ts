import type { DeedEntry, FileEntry } from '../../decide/file.ts'
import { type Html, html, type Piece } from '../kit/html.ts'
import { type MayDo, type StaffAround, time, words } from './parts.ts'

/** One time line of all that happened to an order. */

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
const entryOf = (table: Readonly<Record<string, string>>, key: string | undefined): string | undefined =>
  key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const sumIn = (data: FileEntry['data'], { speech }: StaffAround): Piece => {
  const { amount, currency } = data
  return typeof amount === 'number' && typeof currency === 'string'
    ? html`<span class="money">${speech.money(amount, currency)}</span>`
    : undefined
}

/** What went wrong inside is for those who can do something about it. */
const attentionOf = (data: FileEntry['data'], { operations }: MayDo): string[] => {
  const { attention } = data
  if (!isRecord(attention)) return []
  return [textOf(attention.reason), operations ? textOf(attention.error) : undefined].flatMap((each) => each ?? [])
}

/** What an entry says beside what it is. */
const details = ({ type, data }: FileEntry, may: MayDo, around: StaffAround): string[] => {
  const { say, speech } = around
  const of = (...names: readonly string[]) => names.flatMap((name) => textOf(data[name]) ?? [])
  const channel = textOf(data.channel)
  const written: Readonly<Record<string, () => readonly (string | undefined)[]>> = {
    'shipment.changed.v1': () => [
      entryOf(speech.words.order.parcel, textOf(data.status)),
      ...of('carrier', 'trackingNumber'),
    ],
    'order.cancel.requested.v1': () => [entryOf(say.vias, textOf(data.via))],
    'order.cancellation.awaiting-merchant.v1': () => [
      ...of('decideBy').map((at) => say.inbox.decideBy(speech.moment(at))),
      entryOf(say.inbox.silence, textOf(data.onSilence)),
    ],
    'order.cancellation.decided.v1': () => [
      entryOf({ approve: say.case.approve, reject: say.case.reject }, textOf(data.decision)),
      ...of('by', 'message'),
    ],
    mail: () => [...of('subject'), entryOf({ ...say.file.states }, textOf(data.state))],
    webhook: () => [...of('type'), entryOf({ ...say.file.states }, textOf(data.state))],
    link: () => [data.used === true ? say.file.used : say.file.unused],
    feedback: () => [
      typeof data.score === 'number' ? say.file.feedback(speech.number(data.score)) : undefined,
      ...of('text'),
    ],
    statement: () => of('name', 'contract', 'contact'),
  }
  const own = written[type]
  if (own !== undefined) return own().flatMap((each) => each ?? [])
  return [
    ...(channel === undefined ? [] : [channel]),
    ...attentionOf(data, may),
    ...of('decision', 'by', 'code', 'message', 'failure'),
  ]
}

const line = (at: string, title: Piece, more: readonly Piece[], { speech }: StaffAround, id: string): Html =>
  html`<li data-id="${id}"><span><span class="name">${title}</span><br><span class="soft">${time(at, speech.moment(at))}${more.map((each) => html` · ${each}`)}</span></span></li>`

const deedLine = ({ at, deed }: DeedEntry, around: StaffAround): Html => {
  const { say } = around
  const isWords = deed.deed === 'note' || deed.detail !== undefined
  const isSent = deed.came === 'sent' || deed.came === 'done'
  const more: Piece[] = [
    words(deed.name),
    ...(deed.via === undefined ? [] : [say.vias[deed.via]]),
    ...(isSent ? [] : [say.file.notSent(entryOf(say.case.turnedWords, deed.came) ?? deed.came)]),
  ]
  const title = html`${say.deeds[deed.deed]}${isWords && deed.detail !== undefined && html`: ${words(deed.detail)}`}`
  return line(at, title, more, around, `${at} ${deed.deed}`)
}

/** The newest first: who looks after an order looks for what happened last. */
export const storyList = (entries: readonly (FileEntry | DeedEntry)[], may: MayDo, around: StaffAround): Html => {
  const { say } = around
  if (entries.length === 0) return html`<p class="soft">${say.case.noStory}</p>`
  return html`<ol class="rows story" reversed>${entries
    .toReversed()
    .map((entry) =>
      'type' in entry
        ? line(
            entry.at,
            html`${say.happened[entry.type]} ${sumIn(entry.data, around)}`,
            details(entry, may, around).map(words),
            around,
            `${entry.at} ${entry.type}`,
          )
        : deedLine(entry, around),
    )}</ol>`
}
