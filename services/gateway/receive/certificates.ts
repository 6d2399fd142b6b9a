import { X509Certificate } from 'node:crypto'
import { type HttpOptions, openHttp, type ProviderAnswer } from '@countermand/providers/http.ts'

/** The certificates that providers sign by. They are public, and the one thing that the gateway fetches: it sends nothing with it. */
export interface Certificates {
  /** What is at an address that its sender has found to be the provider's; `undefined`: no certificate. Throws when it cannot be had now. */
  at(url: URL): Promise<X509Certificate | undefined>
  /** A signature was right by it: it stays, beyond this process too. */
  proven(url: URL): Promise<void>
  close(): Promise<void>
}

/** Where those stay that a signature was right by: nobody else can fill it. */
export interface Kept {
  all(): Promise<readonly { readonly url: string; readonly pem: string }[]>
  keep(url: string, pem: string): Promise<void>
}

/** A provider waits for an answer of ours no longer than this takes, with what is kept after it. */
const quick: HttpOptions = { connectMs: 2_000, answerMs: 3_000, callMs: 3_500, connections: 2 }

/** A provider has one, and another in a year: whoever names more of them is not the provider. */
const mostPerMinute = 10
const minute = 60_000

const certificateIn = (body: string): X509Certificate | undefined => {
  try {
    return new X509Certificate(body)
  } catch {
    return undefined
  }
}

const read = ({ status, body }: ProviderAnswer): X509Certificate | undefined => {
  if (status === 429 || status >= 500) throw new Error(`the certificate cannot be had now: ${status}`)
  return status === 200 ? certificateIn(body) : undefined
}

/** `now`: ms since the epoch. */
export const openCertificates = (
  kept: Kept,
  options: HttpOptions = quick,
  now: () => number = Date.now,
): Certificates => {
  const http = openHttp(options)
  /** By address. What an address has stays so: a new one has a new address. */
  const known = new Map<string, Promise<X509Certificate | undefined>>()
  const asked = new Map<string, number[]>()
  const isKept = new Set<string>()
  let recalled: Promise<void> | undefined
  const recall = async (): Promise<void> => {
    for (const { url, pem } of await kept.all()) {
      isKept.add(url)
      if (!known.has(url)) known.set(url, Promise.resolve(certificateIn(pem)))
    }
  }

  const mayAsk = (origin: string): boolean => {
    const recent = (asked.get(origin) ?? []).filter((at) => at > now() - minute)
    asked.set(origin, recent)
    return recent.length < mostPerMinute && recent.push(now()) > 0
  }
  const fetched = async ({ origin, pathname: path }: URL): Promise<X509Certificate | undefined> => {
    const place = { name: origin, baseUrl: origin }
    return read(await http.call(place, place)({ method: 'GET', path, route: '/certificates/{id}', headers: {} }))
  }
  return {
    at: async (url) => {
      // Whoever makes up addresses keeps nobody from those that are kept. Once they cannot be read, they are when the next one comes.
      recalled ??= recall().catch(() => {
        recalled = undefined
      })
      if (!known.has(url.href)) await recalled
      const before = known.get(url.href)
      if (before !== undefined) return await before
      if (!mayAsk(url.origin)) throw new Error(`${url.origin} is not asked for more certificates in this minute`)
      const next = fetched(url)
      known.set(url.href, next)
      const found = await next.catch((error: unknown) => {
        known.delete(url.href)
        throw error
      })
      // What is none now may be one later.
      if (found === undefined) known.delete(url.href)
      return found
    },
    proven: async (url) => {
      const certificate = isKept.has(url.href) ? undefined : await known.get(url.href)
      if (certificate === undefined) return
      await kept.keep(url.href, certificate.toString())
      isKept.add(url.href)
    },
    close: () => http.close(),
  }
}
