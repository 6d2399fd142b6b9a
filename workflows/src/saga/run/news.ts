import type { CommandName, Resolution } from '@countermand/contracts'
import { newsPrefix } from '@countermand/contracts/alarms.ts'
import { asId, asNote } from '@countermand/contracts/text.ts'
import { patched } from '@temporalio/workflow'
import { type Call, commandSteps } from '../../protocol/commands.ts'
import type { News } from '../../protocol/news.ts'
import type { Parked, Saga } from './saga.ts'

/**
 * What a step waited for may come after a person was asked about it. Then the step is tried again by itself, by a decision that is recorded
 * like a person's. It may also come a moment before the step is parked: it is kept for that.
 */

type About = Pick<News, 'step' | 'direction'>

const keyOf = ({ step, direction }: About): string => `${step}-${direction}`

/** What a person is asked about that may come right by itself. */
export const mayBeOver = 'over'

/** What news of a step is about that is asked by this command, whatever a person's decision about it is called. */
export const aboutOf = ({ command }: Call<CommandName>): string => keyOf(commandSteps[command])

/** A step is tried again; where nothing is left to decide, it is let be. */
const decisionFor = (about: string) => (about === mayBeOver ? 'skip' : 'retry')

const decisionBy = ({ event, says }: News, { about, attention }: Parked): Resolution => ({
  ...{ step: attention.step, direction: attention.direction, round: attention.round, decision: decisionFor(about) },
  ...{ by: asId(`${newsPrefix}${event}`), reason: asNote(says), at: new Date().toISOString() },
})

/** Whether nobody decided, but what was waited for has come. */
export const isByNews = ({ by }: Resolution): boolean => by.startsWith(newsPrefix)

/** Whether news has come that answers what is parked. */
export const isAnswered = (saga: Saga, { about, attention }: Parked): boolean =>
  saga.news.has(about) && attention.remedies.includes(decisionFor(about))

/** Lets what is parked go on, if news has come that answers it and nobody has decided yet. */
export const takeNews = (saga: Saga, parked: Parked): void => {
  const news = saga.news.get(parked.about)
  if (news === undefined || parked.resolution !== undefined || !isAnswered(saga, parked)) return
  // What is over stays so, until it happens again.
  if (parked.about !== mayBeOver) saga.news.delete(parked.about)
  parked.resolution = decisionBy(news, parked)
}

export const hearNews = (saga: Saga, news: News): void => {
  if (news.over === true && !patched('what-came-right-is-over')) return
  saga.news.set(news.over === true ? mayBeOver : keyOf(news), news)
  for (const parked of saga.parked) takeNews(saga, parked)
}

/** It has happened again: what came right before does not count. */
export const happensAgain = (saga: Saga): void => void saga.news.delete(mayBeOver)

/** Whoever asks again hears all that was news before. */
export const forgetNews = (saga: Saga, call: Call<CommandName>): void => void saga.news.delete(aboutOf(call))
