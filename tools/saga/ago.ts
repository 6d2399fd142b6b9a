import { parseDuration } from '@countermand/settings'
import { InvalidArgumentError } from 'commander'

/** The moment so long ago, from an option such as `2d`. */
export const ago = (text: string): Date => {
  const milliseconds = parseDuration(text)
  if (milliseconds === undefined) throw new InvalidArgumentError('expected a duration such as 2d, 12h or 30m.')
  return new Date(Date.now() - milliseconds)
}
