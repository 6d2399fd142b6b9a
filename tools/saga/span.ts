import { parseDuration } from '@countermand/settings/duration.ts'
import { InvalidArgumentError } from 'commander'

/** Reads a duration of the command line in milliseconds; `such`: what one looks like there. */
export const span =
  (such: string) =>
  (text: string): number => {
    const milliseconds = parseDuration(text)
    if (milliseconds === undefined) throw new InvalidArgumentError(`expected a duration such as ${such}.`)
    return milliseconds
  }
