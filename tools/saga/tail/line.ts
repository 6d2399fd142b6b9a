import { readEnvelope } from '@countermand/contracts'
import { visibleLine } from '@countermand/contracts/shown.ts'
import type { IncomingMessage } from '@countermand/kafka'
import { z } from 'zod'
import { narrate } from '../../shop/narrate.ts'
import { readHeard } from '../../shop/outside.ts'
import { colours } from '../../terminal/colours.ts'

const about = z.looseObject({ orderId: z.string(), requestId: z.string().optional(), at: z.string().optional() })

/** A public event as it is told here. */
export interface Line {
  readonly id: string
  /** ISO 8601, as far as the event says so. */
  readonly at: string | null
  readonly type: string
  readonly orderId: string
  readonly requestId: string | null
  readonly data: unknown
  readonly text: string
}

/** `undefined`: it cannot be read, or tells of no order. */
export const lineOf = (message: IncomingMessage): Line | undefined => {
  try {
    const { id, type, data } = readEnvelope(message)
    const found = about.safeParse(data).data
    if (found === undefined) return undefined
    const heard = readHeard({ type, id, data })
    const { orderId, requestId = null, at = null } = found
    return { ...{ id, at, type, orderId, requestId, data }, text: heard === undefined ? type : narrate(heard) }
  } catch {
    return undefined
  }
}

/** Whether it is about the order or request that begins so. */
export const isAbout = ({ orderId, requestId }: Line, id: string | undefined): boolean =>
  id === undefined || orderId.startsWith(id) || (requestId?.startsWith(id) ?? false)

export const lineText = ({ at, orderId, requestId, text }: Line): string => {
  const time = at === null ? '' : new Date(at).toISOString().slice(0, 23).replace('T', ' ')
  const ids = [visibleLine(orderId), ...(requestId === null ? [] : [colours.dim(visibleLine(requestId))])]
  return [colours.dim(time), ...ids, text.replaceAll('\n', '\\n')].join('  ')
}

/** Of several partitions, as they were told. */
export const inOrder = (lines: readonly Line[]): Line[] =>
  lines.toSorted((a, b) => (a.at ?? '').localeCompare(b.at ?? ''))
