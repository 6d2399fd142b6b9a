import type { Surroundings } from '../pages/kit/page.ts'
import { type StaffAround, staffNav } from '../pages/staff/parts.ts'
import type { Member } from '../store/staff.ts'
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

const support: Member = { subject: 'ann', name: 'Ann Agent', roles: ['support'], merchants: null }
export const operator: Member = { subject: 'olga', name: 'Olga Operator', roles: ['operations'], merchants: null }

/** A member of customer service for all merchants is signed in, or this one. */
export const staffAround = (language: Language, member: Member = support): StaffAround => {
  const around = { ...customerAround(language), home: '/inbox', say: staffWordsIn(language) }
  return { ...around, nav: staffNav(member, '/inbox', around) }
}
