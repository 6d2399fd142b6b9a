import { keptMs, UnreadableMessage } from '@countermand/contracts'
import type { ReadEvent } from '@countermand/kafka/reading.ts'
import { z } from 'zod'

const dated = z.object({ at: z.iso.datetime({ offset: true }) })
const dayMs = 86_400_000

/**
 * What a free event brings is added: one that came twice would count twice. The inbox knows those of the last days; so whatever is dated
 * earlier is not taken, nor what will still look young when the inbox has forgotten it. `isNamed`: its store knows for ever what it has
 * taken, by its name. Throws {@link UnreadableMessage}.
 */
export const checkAge = (event: ReadEvent, now: number, isNamed = false): void => {
  const { data } = dated.safeParse(event.data)
  if (data === undefined) return
  const ageMs = now - Date.parse(data.at)
  if (ageMs > keptMs.work && !isNamed)
    throw new UnreadableMessage(
      'too-old',
      `expected ${event.type} of the last ${keptMs.work / dayMs} days, got one of ${data.at}: whether it was counted already is not known any more`,
    )
  if (ageMs < -dayMs)
    throw new UnreadableMessage('invalid-data', `expected ${event.type} of today or earlier, got one of ${data.at}`)
}
