import { linkButton } from '../kit/form.ts'
import { html } from '../kit/html.ts'
import type { Page, Surroundings } from '../kit/page.ts'

/** What went wrong, in words that help; never what it was inside. */
export type Trouble = 'notFound' | 'away' | 'tooLarge' | 'foreign' | 'limit' | 'broken'

export const troublePage = (
  trouble: Trouble,
  again: string | undefined,
  { speech: { words, time } }: Surroundings,
  until?: string,
): Page => ({
  title: words.trouble[`${trouble}Title`],
  content: html`<p class="lead">${trouble === 'limit' && until !== undefined ? words.trouble.limitUntil(time(until)) : words.trouble[trouble]}</p>${again !== undefined && linkButton(words.trouble.again, again, 'quiet')}`,
})
