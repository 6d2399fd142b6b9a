import { condition, patched } from '@temporalio/workflow'
import type { InputAnswer } from '../../protocol/inputs.ts'
import type { Saga } from './saga.ts'

/** How what people and events tell a saga is heard: each input once, and no asker waits for long. */

/** Accepted, and not decided yet: what comes of it is public. */
export const kept: InputAnswer = { accepted: true, kept: true }

/** Takes an input; one that came before, which Kafka or its sender has sent again, is answered as it was. */
export const heardOnce = (saga: Saga, inputId: string, take: () => Promise<InputAnswer>): Promise<InputAnswer> => {
  const known = saga.heard.get(inputId)
  if (known !== undefined && patched('an-input-is-heard-once')) return known
  const answer = take()
  saga.heard.set(inputId, answer)
  return answer
}

/** How long an asker waits: the server takes ten askers of a run at a time, and whoever waits keeps others out. */
const patience = '5 seconds'

/** The answer, or after some seconds that the input is kept: a service that is away must not shut out an operator. */
export const soon = async (saga: Saga, answer: Promise<InputAnswer>): Promise<InputAnswer> => {
  if (!patched('an-asker-is-answered-soon')) return answer
  let isDecided = false
  const note = () => {
    isDecided = true
    saga.undecided -= 1
  }
  saga.undecided += 1
  answer.then(note, note)
  return (await condition(() => isDecided, patience)) ? answer : kept
}
