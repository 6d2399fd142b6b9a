import type { OperationAnswer, SystemState } from '@countermand/contracts'
import { said } from '@countermand/contracts'
import { readBox } from '../dead-letters/box.ts'
import { documentOf } from '../dead-letters/document.ts'
import { readStatus, type Status } from '../status/read.ts'
import { labelOf, type Parts } from './asked.ts'

const intakeIn = ({ intake }: Status): Pick<SystemState, 'intake'> => {
  if (intake === null) return {}
  const { paused, by, reason, since, held } = intake
  return {
    intake: {
      paused,
      ...(by === null ? {} : { by: said(by) }),
      ...(reason === null ? {} : { reason: said(reason) }),
      ...(since === null ? {} : { since }),
      ...(held === null ? {} : { held }),
    },
  }
}

const lagIn = ({ lag }: Status): Pick<SystemState, 'lag'> =>
  lag === null
    ? {}
    : {
        lag: lag
          .filter(({ messages }) => messages > 0)
          .toSorted((a, b) => b.messages - a.messages)
          .slice(0, 100)
          .map(({ group, topic, messages }) => ({ reader: labelOf(group), topic: labelOf(topic), messages })),
      }

/** How the system is; what does not answer is told as such. */
export const lookAtSystem = async (parts: Parts): Promise<OperationAnswer> => {
  const { where, databases, temporal, kafka } = parts
  const status = await readStatus({
    ...{ where, databases, temporal: async () => temporal },
    deadLetters: async () => {
      const box = await readBox({ kafka })
      return [...box.letters.values()].map((letter) => documentOf(box, letter))
    },
  })
  const { at, open, attention, deadLetters, unread } = status
  return {
    kind: 'system',
    system: {
      ...{ at, ...intakeIn(status), ...lagIn(status) },
      ...(open === null ? {} : { open }),
      ...(attention === null
        ? {}
        : {
            attention: attention.slice(0, 20).map(({ money, ...group }) => ({ ...group, money: money.slice(0, 20) })),
          }),
      ...(deadLetters === null
        ? {}
        : { letters: deadLetters.slice(0, 20).map(({ reason, ...each }) => ({ ...each, reason: labelOf(reason) })) }),
      unread: unread.slice(0, 20).map(({ part, error }) => ({ part, error: said(error) })),
    },
  }
}
