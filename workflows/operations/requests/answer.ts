import { type OperationAnswer, type OperationRequested, said } from '@countermand/contracts'
import { Unsettled } from '../reach/unsettled.ts'
import { type AskedRepair, givenUp, type Parts } from './asked.ts'
import { isAway } from './away.ts'
import { pauseFor, resumeFor } from './hold-intake.ts'
import { discardFor, listLetters, planRedrive, redriveFor, showLetter } from './letters.ts'
import { lookAtSystem } from './look-system.ts'
import { carryOutRepair, planRepair } from './repair.ts'

const nothingYet: OperationAnswer = { kind: 'refused', text: 'there is nothing to look at beforehand' }

const repair = (parts: Parts, asked: AskedRepair): Promise<OperationAnswer> =>
  asked.dryRun ? planRepair(parts, asked) : carryOutRepair(parts, asked)

const ofKind = (parts: Parts, { wanted, ...asked }: OperationRequested): Promise<OperationAnswer> => {
  switch (wanted.kind) {
    case 'retry':
      return repair(parts, { ...asked, wanted })
    case 'resolve':
      return repair(parts, { ...asked, wanted })
    case 'redrive':
      return asked.dryRun ? planRedrive(parts, { ...asked, wanted }) : redriveFor(parts, { ...asked, wanted })
    case 'pause-intake':
      return asked.dryRun ? Promise.resolve(nothingYet) : pauseFor(parts, { ...asked, wanted })
    case 'resume-intake':
      return asked.dryRun ? Promise.resolve(nothingYet) : resumeFor(parts, { ...asked, wanted })
    case 'discard':
      return asked.dryRun ? Promise.resolve(nothingYet) : discardFor(parts, { ...asked, wanted })
    case 'look-system':
      return lookAtSystem(parts)
    case 'look-letters':
      return listLetters(parts, { ...asked, wanted })
    case 'look-letter':
      return showLetter(parts, { ...asked, wanted })
  }
}

/**
 * Does what was asked, or says what would be done. Throws while what it needs is away and is waited for: asked again, nothing is done
 * twice.
 */
export const answerTo = (parts: Parts, asked: OperationRequested): Promise<OperationAnswer> =>
  ofKind(parts, asked).catch((error: unknown) => {
    const text = error instanceof Error ? error.message : String(error)
    if (!isAway(error)) return { kind: error instanceof Unsettled ? 'unsettled' : 'refused', text: said(text) }
    const instead = givenUp(asked, text, Date.now())
    if (instead === undefined) throw error
    return instead
  })
