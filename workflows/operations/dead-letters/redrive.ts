import { type LetterBox, redrivesOf } from './box.ts'
import { edit } from './check.ts'
import { type Letter, messageOf } from './letter.ts'
import type { Task } from './plan.ts'

/** What would be sent of a letter: its message as it was, or with this value. Throws when nobody could read that. */
export const redriveTask = (box: LetterBox, letter: Letter, value?: Buffer): Task => {
  const changed = value === undefined ? { message: messageOf(letter) } : edit(letter, value)
  return { letter, redrive: { ...changed, redrives: redrivesOf(box.log, letter.id) + 1 } }
}
