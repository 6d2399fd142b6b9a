import type { staffEnglish } from './english.ts'

/** All that is said to members of staff: a language that leaves something out does not compile. */
export type StaffWords = typeof staffEnglish
