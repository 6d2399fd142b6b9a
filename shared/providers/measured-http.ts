import type { Metrics } from '@countermand/telemetry'
import { callResults, type Http, type HttpOptions, openHttp } from './http.ts'

/** The way to providers, as a process has it: with metrics of what comes of its calls. */
export const measuredHttp = (metrics: Metrics, options: HttpOptions = {}): Http => {
  const calls = metrics.counter({
    name: 'countermand_provider_calls_total',
    help: 'Requests to providers, by account and what came of them',
    labelNames: ['account', 'result'],
  })
  const known = new Set<string>()
  const http = openHttp({
    ...options,
    heard: (account, result) => {
      // All of them from the first request on, so that the first failure is an increase.
      if (!known.has(account)) for (const each of callResults) calls.inc({ account, result: each }, 0)
      known.add(account)
      calls.inc({ account, result })
    },
  })
  metrics.gauge({
    name: 'countermand_provider_away',
    help: '1 while a provider is known to be away, by the account that it is called with, else 0',
    labelNames: ['account'],
    collect() {
      for (const [account, isAway] of http.away()) this.set({ account }, isAway ? 1 : 0)
    },
  })
  return http
}
