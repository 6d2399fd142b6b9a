import { z } from 'zod'
import { program } from '../terminal/program.ts'

export const figureNames = ['billable', 'throughput', 'latency', 'hot-sku', 'replicas', 'backlog', 'open'] as const
export type FigureName = (typeof figureNames)[number]

/** How much is measured. */
export interface Plan {
  readonly mode: 'full' | 'quick'
  readonly figures: readonly FigureName[]
  readonly rounds: number
  /** Sagas of a target before its first round. */
  readonly warmUp: number
  /** Sagas of one round, and how many of them are under way at once. */
  readonly sagas: number
  readonly inFlight: number
  /** Sagas of one round of the latency of one alone. */
  readonly alone: number
  readonly backlog: number
  /** How many sagas are open while others are measured. */
  readonly open: readonly number[]
  /** So long after the start opening sagas stops, however many are missing: the whole run is to end within its bound. */
  readonly openUntilMs: number
}

const sizes = {
  full: { rounds: 3, warmUp: 96, sagas: 160, alone: 24, backlog: 5_000, open: [1_000, 10_000], openUntilMs: 820_000 },
  quick: { rounds: 2, warmUp: 16, sagas: 64, alone: 12, backlog: 300, open: [30, 300], openUntilMs: 150_000 },
} as const

export interface Options {
  readonly plan: Plan
  readonly json: boolean
  /** A run's document: the docs are written from it, and nothing is measured. */
  readonly document: string | undefined
  /** A directory for processor profiles of the processes. */
  readonly profile: string | undefined
}

const figures = z.array(z.enum(figureNames, `expected one of ${figureNames.join(', ')}`))

interface Given {
  readonly quick?: true
  readonly json?: true
  readonly only?: string
  readonly document?: string
  readonly profile?: string
}

/** Reads the command line. Throws what is wrong with it. */
export const readOptions = (args: readonly string[]): Options => {
  const values: Given = program('bench', 'Measures what a saga costs, beside its references in the same run.')
    .option('--quick', 'fewer sagas, for a first look')
    .option('--json', 'print one JSON document')
    .option('--only <figures>', `only these, comma-separated: ${figureNames.join(', ')}`)
    .option('--document <file>', "write the docs from a run's JSON document, and measure nothing")
    .option('--profile <directory>', 'write processor profiles of the processes there')
    .addHelpText('after', '\nExit codes: 0 measured and every invariant held, 1 not so, 2 wrong use, 130 interrupted.')
    .parse(args, { from: 'user' })
    .opts()
  const mode = values.quick ? 'quick' : 'full'
  const only = figures.safeParse(values.only?.split(',') ?? [...figureNames])
  if (!only.success) throw new Error(`--only: ${only.error.issues[0]?.message}, got ${values.only}`)
  return {
    plan: { mode, inFlight: 64, ...sizes[mode], figures: only.data },
    json: values.json ?? false,
    document: values.document,
    profile: values.profile,
  }
}
