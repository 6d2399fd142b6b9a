import type { FoundSaga } from '../find/find.ts'
import type { Databases } from '../reach/databases.ts'
import { timelineOf } from './timeline.ts'

/** What the services have answered a request so far, oldest first: none of it is done again. */
export const doneOf = async (databases: Databases, { orderId, requestId }: FoundSaga): Promise<string[]> => {
  const timeline = await timelineOf(databases, orderId, [requestId])
  const answers = timeline.filter(({ kind, step }) => kind === 'answer' && !step?.startsWith('record.'))
  return answers.map(({ step, direction, name }) => `${direction} ${step}: ${name}`)
}
