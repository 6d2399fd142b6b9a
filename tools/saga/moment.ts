import { parseDuration } from '@countermand/settings/duration.ts'
import { InvalidArgumentError } from 'commander'

/** A moment of the command line: so long ago (`3d`), or a date and time; ISO 8601. */
export const moment = (text: string): string => {
  const ago = parseDuration(text)
  if (ago !== undefined) return new Date(Date.now() - ago).toISOString()
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at))
    throw new InvalidArgumentError('expected how long ago, such as 3d, or when, such as 2026-11-20T09:00Z.')
  return new Date(at).toISOString()
}
