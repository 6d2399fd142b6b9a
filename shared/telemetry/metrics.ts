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

/** A process's metrics; what is made here is served by {@link startHttpServer}. Durations are in seconds, as Prometheus has them. */
export interface Metrics {
  readonly registry: Registry
  counter<Label extends string = never>(configuration: Omit<CounterConfiguration<Label>, 'registers'>): Counter<Label>
  /** Asked for again by its name: the same gauge. */
  gauge<Label extends string = never>(configuration: Omit<GaugeConfiguration<Label>, 'registers'>): Gauge<Label>
  histogram<Label extends string = never>(
    configuration: Omit<HistogramConfiguration<Label>, 'registers'>,
  ): Histogram<Label>
}

/** A registry of its own with the process's and Node's default metrics. */
export const createMetrics = (): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    counter: (configuration) => new Counter({ ...configuration, registers }),
    gauge: (configuration) => {
      const known = registry.getSingleMetric(configuration.name)
      return known instanceof Gauge ? known : new Gauge({ ...configuration, registers })
    },
    histogram: (configuration) => new Histogram({ ...configuration, registers }),
  }
}
