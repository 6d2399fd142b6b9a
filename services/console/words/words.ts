import type { english } from './english.ts'

/** All that is said to customers: one catalogue, the same entries in every language. What stands in a sentence comes in as text that is written already. */
export type Words = typeof english
