import { readFileSync } from 'node:fs'
import { activityName, commandSteps } from '../../src/protocol/commands.ts'

/** Where today's code asks for something: a step of the saga's page. */
export interface Place {
  readonly activity: string
  readonly step: string
  readonly direction: 'do' | 'undo'
  /** `file:line`; `null`: it is not asked for by name there. */
  readonly line: string | null
}

const pages = ['cancel-order.ts', 'run/records.ts']
const folder = 'workflows/src/saga'

const lineOf = (command: string): string | null => {
  for (const page of pages) {
    const text = readFileSync(new URL(`../../../${folder}/${page}`, import.meta.url), 'utf8')
    const place = text.search(new RegExp(`asks\\(\\s*'${command}'|command: '${command}'`))
    if (place >= 0) return `${folder}/${page}:${text.slice(0, place).split('\n').length}`
  }
  return null
}

/** The place of an activity, by its name or by an id such as `stop-parcels-undo-1`; `undefined`: it is none of the saga's steps. */
export const placeOf = (nameOrId: string): Place | undefined => {
  for (const [command, { step, direction }] of Object.entries(commandSteps)) {
    const activity = activityName(command)
    if (nameOrId !== activity && !nameOrId.startsWith(`${step}-${direction}-`)) continue
    return { activity, step, direction, line: lineOf(command) }
  }
  return undefined
}

export const placeInWords = ({ activity, step, direction, line }: Place): string =>
  `${activity} is the step ${step}${direction === 'undo' ? ' taken back' : ''}${line === null ? '' : `, asked for in ${line}`}`
