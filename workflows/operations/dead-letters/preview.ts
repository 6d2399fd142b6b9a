import type { LetterBox } from './box.ts'
import { problemOf } from './check.ts'
import { refusal, type Task } from './plan.ts'

/** What a redrive would do with one letter. */
export type Previewed =
  | { readonly letterId: string; readonly topic: string; readonly problem: string | undefined }
  | { readonly letterId: string; readonly refused: string }

const problemOfTask = ({ redrive }: Task): string | undefined => redrive && problemOf(redrive.message)

export const preview = (box: LetterBox, tasks: readonly Task[], force: boolean): Previewed[] =>
  tasks.map((task) => {
    const letterId = task.letter.id
    const refused = refusal(box, task.letter, { what: 'redrive', force }) ?? task.closed
    return refused === undefined
      ? { letterId, topic: task.letter.topic, problem: problemOfTask(task) }
      : { letterId, refused }
  })
