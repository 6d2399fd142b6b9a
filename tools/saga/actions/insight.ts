import { stat } from 'node:fs/promises'
import { simulateShop } from '@countermand/learning/simulate/shop.ts'
import { z } from 'zod'
import { print, printJson } from '../../terminal/print.ts'
import { type ExitCode, foundSomething } from '../exit.ts'
import { NoData } from '../insight/data-sets.ts'
import { describeFigures, describeModel } from '../insight/describe.ts'
import { type Figure, isReached, type LeftOut } from '../insight/figure.ts'
import { describeImport, describeTried } from '../insight/history/describe.ts'
import {
  createPseudonyms,
  parsedJson,
  readCsv,
  readHistory,
  readText,
  writeHistory,
  writeText,
} from '../insight/history/file.ts'
import { type ColumnMap, columnMap, presets } from '../insight/history/map.ts'
import { readExport } from '../insight/history/read-export.ts'
import { trainOn, tryHistory } from '../insight/history/try.ts'
import { cardOf } from '../insight/model.ts'
import { notYet, suites } from '../insight/suites.ts'
import { startProgress } from '../progress.ts'

/** Measures the models on public data, each beside its simplest rival and what others came to. */
export const runEvaluate = async (
  asked: readonly string[],
  options: { readonly data: string; readonly json?: true },
): Promise<ExitCode> => {
  const names = asked.length === 0 ? [...suites.keys()] : asked
  const unknown = names.filter((name) => !suites.has(name))
  if (unknown.length > 0)
    throw new Error(`expected suites of ${[...suites.keys()].join(', ')}; got ${unknown.join(', ')}`)
  const isFolder = await stat(options.data).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) throw new Error(`expected a folder with the files of docs/intelligence.md, got ${options.data}`)
  const figures: Figure[] = []
  const leftOut: LeftOut[] = []
  for (const name of names) {
    try {
      figures.push(...((await suites.get(name)?.(options.data, startProgress)) ?? []))
    } catch (error) {
      if (!(error instanceof NoData)) throw error
      leftOut.push({ suite: name, why: error.message })
    }
  }
  const [missing] = leftOut
  if (figures.length === 0 && missing !== undefined) throw new Error(missing.why)
  if (asked.length === 0) leftOut.push(...notYet)
  if (options.json)
    printJson({ figures: figures.map((figure) => ({ ...figure, reached: isReached(figure) ?? null })), leftOut })
  else print(describeFigures(figures, leftOut))
  return figures.some((figure) => isReached(figure) === false) ? foundSomething : 0
}

const mapOf = async (options: { readonly preset?: string; readonly map?: string }): Promise<ColumnMap> => {
  if ((options.preset === undefined) === (options.map === undefined))
    throw new Error('expected either --preset or --map')
  if (options.map === undefined) {
    const found = Object.entries(presets).find(([name]) => name === options.preset)
    if (found === undefined) throw new Error(`expected one of the presets ${Object.keys(presets).join(', ')}`)
    return found[1]
  }
  const parsed = columnMap.safeParse(parsedJson(await readText(options.map)))
  if (parsed.success) return parsed.data
  throw new Error(`${options.map} cannot be used: ${z.prettifyError(parsed.error).split('\n').join(' ')}`)
}

/** Reads a shop's export into a history; with a wrong row nothing is written, unless its order is to be left out. */
export const runImport = async (
  file: string,
  options: {
    readonly preset?: string
    readonly map?: string
    readonly out?: string
    readonly leaveOut?: true
    readonly dryRun?: true
    readonly json?: true
  },
): Promise<ExitCode> => {
  if (options.out === undefined && !options.dryRun) throw new Error('expected --out <file>, or --dry-run')
  const read = readExport(await readCsv(file), await mapOf(options), createPseudonyms())
  const isWritten = !options.dryRun && (read.wrong.length === 0 || options.leaveOut === true)
  const written = isWritten ? options.out : undefined
  if (written !== undefined) await writeHistory(written, read.events)
  const { events, ...rest } = read
  if (options.json) printJson({ ...rest, events: events.length, written: written ?? null })
  else print(describeImport(read, written))
  return read.wrong.length > 0 ? foundSomething : 0
}

/** Says whether a model is worth it on an owner's own history. */
export const runTry = async (file: string, options: { readonly json?: true }): Promise<ExitCode> => {
  const tried = tryHistory(await readHistory(file))
  if (options.json) printJson(tried)
  else print(describeTried(tried))
  return tried.isWorthIt ? 0 : foundSomething
}

/** Writes a year of a shop that never was. */
export const runSimulate = async (options: {
  readonly orders: number
  readonly seed: number
  readonly out: string
}): Promise<ExitCode> => {
  const { events, requests } = simulateShop(options)
  await writeHistory(options.out, events)
  print(`${options.orders} orders and ${requests.length} cancellations of a simulated shop, written to ${options.out}`)
  return 0
}

/** Learns from all of a history, and writes the model. */
export const runTrain = async (file: string, options: { readonly out: string }): Promise<ExitCode> => {
  const text = trainOn(await readHistory(file))
  await writeText(options.out, text)
  print(describeModel(cardOf(text)))
  return 0
}

/** Says what a model file is, or why it is refused. */
export const runModel = async (file: string, options: { readonly json?: true }): Promise<ExitCode> => {
  const card = cardOf(await readText(file))
  if (options.json) printJson(card)
  else print(describeModel(card))
  return 0
}
