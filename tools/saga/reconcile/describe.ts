import { shellCommand, visibleLine } from '@countermand/contracts/shown.ts'
import type { FoundDifference, Reconciliation } from '@countermand/payment/store/facts.ts'
import { colours } from '../../terminal/colours.ts'
import { columns } from '../../terminal/print.ts'
import { momentText } from '../age.ts'
import { moneyText } from '../triage/describe.ts'

/** What a difference is, in words, by its kind. */
const words: Readonly<Record<string, string>> = {
  'missing-there': 'our books have it, the provider does not',
  'missing-here': 'the provider gave it back, and nobody here asked',
  ...{ amount: 'of another amount', currency: 'in another currency', twice: 'given back again' },
  state: 'one says that money moved, the other that it did not',
}

const said = (who: string, of: FoundDifference['ours']): string[] => (of ? [`${who} ${moneyText(of)} ${of.state}`] : [])

const line = (found: FoundDifference): string[] => [
  ...[found.differenceId, colours.red(words[found.kind] ?? found.kind)],
  [...said('ours', found.ours), ...said('theirs', found.theirs)].join(', '),
  visibleLine([found.providerRef ?? found.refundId ?? '', momentText(found.at)].join(', ')),
  colours.dim(found.orderId ? shellCommand('saga show', found.orderId) : ''),
]

/** For people: each account with what was found. */
export const describeReconciled = (
  results: Reconciliation['results'],
  { from, to, dryRun }: { readonly from: string; readonly to: string; readonly dryRun?: true },
): string => {
  const accounts = results.map(({ account, listed, matched, inFlight, others, fees, until, differences }) => {
    const mark = differences.length === 0 ? colours.green('✓') : colours.red('✗')
    const taken = fees.map(moneyText).join(', ')
    const late =
      until === undefined ? [] : [`  its list reaches to ${momentText(until)}; what came later is not judged`]
    return [
      `${mark} ${account}: ${listed} refunds listed, ${matched} the same, ${inFlight} in flight, ${others} of payments that are not ours${taken === '' ? '' : `, fees ${taken}`}`,
      ...late,
      ...(differences.length === 0 ? [] : [columns(differences.map(line))]),
    ].join('\n')
  })
  const found = results.reduce((sum, { differences }) => sum + differences.length, 0)
  const kept = found === 0 ? '' : dryRun ? ' (a dry run: nothing was kept)' : '; docs/reconciliation.md says what to do'
  return [...accounts, `${momentText(from)} to ${momentText(to)} UTC: ${found} differences${kept}`].join('\n')
}
