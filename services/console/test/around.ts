import type { Surroundings } from '../pages/kit/page.ts'
import { type StaffAround, staffNav } from '../pages/staff/parts.ts'
import { type Language, languages, speech, staffWordsIn } from '../words/languages.ts'
import { customers } from './given.ts'

/** What stands around pages in tests. */
export const customerAround = (language: Language): Surroundings => ({
  ...{ speech: speech(language, customers.zone), shop: customers.shop, home: '/orders' },
  ...{ formKey: 'key', once: '7d0e5f3a-58a5-4a53-9d6c-0d6f6f1f2c11' },
  assets: { style: '/style.css', script: '/live.js' },
  languages: languages.map((each) => ({ ...each, href: `/?lang=${each.language}` })),
  links: [],
})

/** A member of customer service for all merchants is signed in. */
export const staffAround = (language: Language): StaffAround => {
  const around = { ...customerAround(language), home: '/inbox', say: staffWordsIn(language) }
  const member = { name: 'Ann Agent', roles: ['support'], merchants: null } as const
  return { ...around, nav: staffNav(member, '/inbox', around) }
}
