import { Gauge, type Registry } from 'prom-client'
import { singleFlight, within } from './within.ts'

export interface Reading<Name extends string> {
  readonly gauge: Name
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

/** Gauges that are read together. */
export interface Measure<Name extends string = string> {
  readonly gauges: readonly { readonly name: Name; readonly help: string; readonly labelNames?: readonly string[] }[]
  read(): Promise<readonly Reading<Name>[]>
  /** How long a reading counts, in ms (default 5,000): it is asked for at each scrape, by whoever scrapes. */
  readonly freshForMs?: number
}

/** A scrape waits no longer for what is measured elsewhere. */
const patienceMs = 1_500

/** What could not be read is not there, rather than as it last was. */
const forget = (gauge: Gauge | undefined, labelled: boolean): void => (labelled ? gauge?.reset() : gauge?.remove())

export const measureWhenAsked = <Name extends string>(measure: Measure<Name>, registers: Registry[]): void => {
  const { freshForMs = 5_000 } = measure
  let readAt = Number.NEGATIVE_INFINITY
  const ask = singleFlight(() => measure.read())

  const read = singleFlight(async () => {
    const readings = await within(patienceMs, 'a measurement', ask()).catch(() => [])
    for (const { name, labelNames } of measure.gauges) forget(made.get(name), labelNames !== undefined)
    for (const { gauge, labels = {}, value } of readings) made.get(gauge)?.set(labels, value)
    readAt = performance.now()
  })
  const collect = async () => {
    if (performance.now() - readAt >= freshForMs) await read()
  }
  const made = new Map(
    measure.gauges.map(({ name, help, labelNames = [] }) => [
      name,
      new Gauge({ name, help, labelNames: [...labelNames], registers, collect }),
    ]),
  )
}
