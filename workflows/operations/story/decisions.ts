import type { AttentionReason, Remedy } from '@countermand/contracts'

/** What each decision about a saga that needs a person would do, and whether it is safe: the table of the runbooks in a line each. */

const retries: Readonly<Partial<Record<AttentionReason, string>>> & { readonly 'step-failed': string } = {
  'step-failed': 'tries the step once more; safe: what was done is not done twice',
  'undo-failed': 'tries to take it back once more; safe: what was taken back is not taken back twice',
  'refund-in-doubt': 'asks the bank again under the same key; safe: it never pays a key twice',
  'refund-refused-after-pivot':
    'asks the bank for the refund once more; safe, and of use when the refusal was a mistake',
  'refund-overdue': 'looks whether it has settled, else gives the bank the same time anew; safe: nothing is sent twice',
  'refund-reversed': 'a new refund to where it came from; safe when that account takes money again',
}

const skips: Readonly<Partial<Record<AttentionReason, string>>> = {
  'undo-failed': 'ends without taking it back; only when it was put right by hand',
  'refund-in-doubt':
    'closes the order without this refund; only when the bank has said in writing what became of the money',
  'refund-refused-after-pivot': 'closes the order without this refund; only when it was paid by hand',
  'refund-overdue': 'closes the order without this refund; only when it was paid by hand and the bank has cancelled it',
  'refund-reversed': 'leaves the customer without the money; only when it was paid by hand',
  'refunded-twice': 'says that what was paid by hand is back, or given up; nothing is sent to any channel',
}

/** In a line. */
export const whatItDoes = (reason: AttentionReason, remedy: Remedy): string => {
  switch (remedy) {
    case 'retry':
      return retries[reason] ?? retries['step-failed']
    case 'skip':
      return skips[reason] ?? 'goes on without the step; only when it was done by hand, or does not matter'
    case 'undo':
      return 'takes everything back, if payment says that no money has moved; what never reached anybody is left as it is'
    case 'refund-elsewhere':
      return 'sends the money there instead; safe: the refund that failed can pay no more; ask the customer first'
  }
}

/** The page about it, as it is called in the repository. */
export const runbookOf = (reason: AttentionReason): string => `docs/runbooks/${reason}.md`
