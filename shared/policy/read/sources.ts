import type { z } from 'zod'
import { type CalendarFile, calendarFile } from '../calendar.ts'
import { casesFile } from '../case.ts'
import { type Pack, pack } from '../pack.ts'
import { compileText, textsFile } from '../texts.ts'
import { type Document, readDocument } from './document.ts'
import type { Problem } from './problem.ts'

/** The files of the policies by their path, as they are read. */
export interface Sources {
  /** By name and version. */
  readonly packs: ReadonlyMap<string, Document<Pack>>
  readonly calendars: ReadonlyMap<string, Document<CalendarFile>>
  /** By language. */
  readonly texts: ReadonlyMap<string, Document<z.infer<typeof textsFile>>>
  /** By pack. */
  readonly cases: ReadonlyMap<string, Document<z.infer<typeof casesFile>>>
  readonly problems: readonly Problem[]
}

const textProblems = (language: string, { file, content, lineAt }: Document<z.infer<typeof textsFile>>): Problem[] =>
  Object.entries(content).flatMap(([key, text]) => {
    const made = compileText(language, text)
    return made instanceof Error ? [{ file, line: lineAt([key]), message: `${key}: ${made.message}` }] : []
  })

const namedOtherwise = ({ file, lineAt }: Document<unknown>, key: string, got: string, wanted: string): Problem[] =>
  got === wanted
    ? []
    : [{ file, line: lineAt([key]), message: `expected ${key} ${wanted}, as the file is called, got ${got}` }]

/** Reads every file by what its path says that it is: `<pack>/<version>.yaml`, `<pack>/cases.yaml`, `calendars/<id>.yaml`, `texts/<language>.yaml`. */
export const readSources = (files: ReadonlyMap<string, string>): Sources => {
  const packs = new Map<string, Document<Pack>>()
  const calendars = new Map<string, Document<CalendarFile>>()
  const texts = new Map<string, Document<z.infer<typeof textsFile>>>()
  const cases = new Map<string, Document<z.infer<typeof casesFile>>>()
  const problems: Problem[] = []
  const read = <Schema extends z.ZodType>(
    [file, text]: readonly [string, string],
    schema: Schema,
    keep: (document: Document<z.output<Schema>>) => readonly Problem[],
  ) => {
    const result = readDocument(file, text, schema)
    problems.push(...(result.ok ? keep(result.document) : result.problems))
  }
  for (const entry of files) {
    const [room = '', name = ''] = entry[0].replace(/[.]yaml$/, '').split('/')
    if (room === 'calendars')
      read(entry, calendarFile, (document) => {
        calendars.set(name, document)
        return namedOtherwise(document, 'calendar', document.content.calendar, name)
      })
    else if (room === 'texts')
      read(entry, textsFile, (document) => {
        texts.set(name, document)
        return textProblems(name, document)
      })
    else if (name === 'cases')
      read(entry, casesFile, (document) => {
        cases.set(room, document)
        return []
      })
    else
      read(entry, pack, (document) => {
        packs.set(`${room}@${name}`, document)
        const { pack: id, version } = document.content
        return [...namedOtherwise(document, 'pack', id, room), ...namedOtherwise(document, 'version', version, name)]
      })
  }
  return { packs, calendars, texts, cases, problems }
}
