import type { Publication } from '@countermand/service/decision.ts'
import { isClosedFor, type Payment, type Refund, refundsOfRound, requestOf } from '../state.ts'
import type { Work } from './work.ts'

/** News of a channel after the saga was told that its refund is stuck: by asking once more it goes on, without a person. */

const isDone = ({ progress }: Refund): boolean => progress.state === 'succeeded' || progress.state === 'failed'

/** What does not stand in the way of its round's end: others that are stuck, refused or late are what a person is asked about. */
const standsAside = ({ progress }: Refund): boolean =>
  progress.state === 'succeeded' || progress.state === 'reversed' || progress.state === 'planned'

const isNews = (state: Payment, refund: Refund): boolean => {
  const request = requestOf(state, refund.requestId)
  if (request?.status !== 'asked' || request.openRound !== undefined || isClosedFor(request, refund.tenderId))
    return false
  const others = refundsOfRound(state, request).filter(({ refundId }) => refundId !== refund.refundId)
  return isDone(refund) && others.every(standsAside)
}

const said = (publication: Publication, { refundId, requestId }: Refund): Publication => {
  switch (publication.type) {
    case 'refund.succeeded.v1':
    case 'refund.failed.v1': {
      if (publication.data.refundId !== refundId) return publication
      const newsFor = { requestId, step: 'refund', direction: 'do' } as const
      return { ...publication, data: { ...publication.data, newsFor } }
    }
    default:
      return publication
  }
}

/** Says with the end of this refund that somebody waits for it, if they do. */
export const withNews = (work: Work, refundId: string): Work => {
  const refund = work.state.refunds.find((each) => each.refundId === refundId)
  if (refund === undefined || !isNews(work.state, refund)) return work
  return { ...work, publish: work.publish.map((each) => said(each, refund)) }
}
