import {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from 'prom-client'
import { type Measure, measureWhenAsked } from './measure.ts'

/**
 * A process's metrics; what is made here is served by {@link startHttpServer}. Durations are in seconds, as Prometheus has them.
 * What is asked for again by its name is the same one.
 */
export interface Metrics {
  readonly registry: Registry
  counter<Label extends string = never>(configuration: Omit<CounterConfiguration<Label>, 'registers'>): Counter<Label>
  gauge<Label extends string = never>(configuration: Omit<GaugeConfiguration<Label>, 'registers'>): Gauge<Label>
  histogram<Label extends string = never>(
    configuration: Omit<HistogramConfiguration<Label>, 'registers'>,
  ): Histogram<Label>
  /** Gauges whose values are read from elsewhere, when somebody asks for metrics. */
  measure<Name extends string>(measure: Measure<Name>): void
}

/** Gauges with the suffix of a counter; without it they are there by type. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** A registry of its own with the process's and Node's default metrics. */
export const createMetrics = (): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const name of misnamed) registry.removeSingleMetric(name)
  const registers = [registry]
  const known = (name: string) => registry.getSingleMetric(name)
  return {
    registry,
    counter: (configuration) => {
      const found = known(configuration.name)
      return found instanceof Counter ? found : new Counter({ ...configuration, registers })
    },
    gauge: (configuration) => {
      const found = known(configuration.name)
      return found instanceof Gauge ? found : new Gauge({ ...configuration, registers })
    },
    histogram: (configuration) => {
      const found = known(configuration.name)
      return found instanceof Histogram ? found : new Histogram({ ...configuration, registers })
    },
    measure: (measure) => measureWhenAsked(measure, registers),
  }
}
