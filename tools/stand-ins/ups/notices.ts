import type { Parcel } from './book.ts'

/** Where Track Alert is told, and the credential of its subscription. */
export interface Told {
  readonly url: string
  readonly credential: string
}

const alertOf = ({ trackingNumber, history: [latest] }: Parcel): string => {
  const [date = '', time = ''] = new Date(latest?.at ?? 0).toISOString().split('T')
  return JSON.stringify({
    ...{ trackingNumber, activityStatus: { type: latest?.type ?? '', code: latest?.code ?? '' } },
    ...{ gmtActivityDate: date.replaceAll('-', ''), gmtActivityTime: time.slice(0, 8).replaceAll(':', '') },
  })
}

/** Tells what happens to parcels; what becomes of each post is kept. */
export const createTeller = () => {
  let told: Told | undefined
  const posts: { readonly type: string; readonly status: number }[] = []
  return {
    posts,
    to: (next: Told | undefined) => {
      told = next
    },
    isHeard: () => told !== undefined,
    /** Resolves when it was posted, with how it was answered; 0: not at all. */
    tell: async (parcel: Parcel): Promise<number | undefined> => {
      if (told === undefined) return undefined
      const headers = { 'content-type': 'application/json', credential: told.credential }
      const status = await fetch(told.url, { method: 'POST', headers, body: alertOf(parcel) }).then(
        (response) => response.status,
        () => 0,
      )
      const [latest] = parcel.history
      posts.push({ type: `${latest?.type}/${latest?.code}`, status })
      return status
    },
  }
}
