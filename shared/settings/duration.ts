import { z } from 'zod'

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const short = /^(\d+)(ms|s|m|h|d)$/
const iso = /^P(?=\d|T\d)(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

/** Longer ones lead to moments that no calendar has: a thousand years. */
const longestMs = 365_000 * units.d

const bounded = (milliseconds: number): number | undefined => (milliseconds <= longestMs ? milliseconds : undefined)

/** `500ms`, `20s`, `5m`, `24h`, `30d` or ISO 8601 (weeks to seconds) → milliseconds; `undefined` when it is neither, or longer than a thousand years. */
export const parseDuration = (text: string): number | undefined => {
  const plain = short.exec(text)
  if (plain !== null) return bounded(Number(plain[1]) * units[z.enum(['ms', 's', 'm', 'h', 'd']).parse(plain[2])])
  const [matched, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = iso.exec(text) ?? []
  if (matched === undefined) return undefined
  return bounded(
    (Number(weeks) * 7 + Number(days)) * units.d +
      Number(hours) * units.h +
      Number(minutes) * units.m +
      Math.round(Number(seconds) * units.s),
  )
}

/** A setting in the form of {@link parseDuration}; its value is in milliseconds. */
export const duration = z.string().transform((text, context) => {
  const milliseconds = parseDuration(text)
  if (milliseconds === undefined) {
    context.addIssue({
      code: 'custom',
      message: `expected a duration such as 500ms, 20s, 5m, 24h, 30d or PT5M, got ${text}`,
    })
    return z.NEVER
  }
  return milliseconds
})
