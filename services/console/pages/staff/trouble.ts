import type { StaffWords } from '../../words/staff/words.ts'
import { linkButton } from '../kit/form.ts'
import { html } from '../kit/html.ts'
import type { Page } from '../kit/page.ts'
import { type StaffAround, staffHrefs } from './parts.ts'

export const staffTroubles = [
  'signIn',
  'ended',
  'notAllowed',
  'away',
  'notFound',
  'foreign',
  'tooLarge',
  'broken',
] as const
export type StaffTrouble = (typeof staffTroubles)[number]

const titles = {
  ...{ signIn: 'signInTitle', ended: 'signInTitle', notAllowed: 'notAllowedTitle', away: 'awayTitle' },
  ...{ notFound: 'notFoundTitle', foreign: 'foreignTitle', tooLarge: 'tooLargeTitle', broken: 'brokenTitle' },
} as const satisfies Record<StaffTrouble, keyof StaffWords['trouble']>

/** What went wrong, and where to go on. `again`: the address to try again. */
export const staffTroublePage = (trouble: StaffTrouble, again: string | undefined, { say }: StaffAround): Page => {
  const mustSignIn = trouble === 'signIn' || trouble === 'ended'
  return {
    title: say.trouble[titles[trouble]],
    content: html`<p class="lead" role="alert">${say.trouble[trouble]}</p>${
      mustSignIn
        ? linkButton(say.signedOut.again, staffHrefs.signIn(again ?? staffHrefs.inbox))
        : html`${again !== undefined && linkButton(say.trouble.again, again)}${linkButton(say.trouble.home, staffHrefs.inbox, 'quiet')}`
    }`,
  }
}

/** Their provider says who they are, and not whose orders they may see. `claim`: in which it would say that. */
export const noMerchantsPage = (claim: string, { say }: StaffAround): Page => ({
  title: say.trouble.notAllowedTitle,
  content: html`<p class="lead" role="alert">${say.trouble.noMerchants}</p><p>${say.trouble.noMerchantsClaim(claim)}</p>${linkButton(say.signedOut.again, staffHrefs.signIn(staffHrefs.inbox))}`,
})

/** `there`: where signing out goes on, at the provider. */
export const signedOutPage = (there: string | undefined, { say }: StaffAround): Page => ({
  title: say.signedOut.title,
  content: html`${there !== undefined && linkButton(say.signedOut.there, there, 'quiet')}${linkButton(say.signedOut.again, staffHrefs.signIn(staffHrefs.inbox))}`,
})
