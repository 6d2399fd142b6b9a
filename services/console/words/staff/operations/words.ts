import type { operationsEnglish } from './english.ts'

/** All that is said to operators: a language that leaves something out does not compile. */
export type OperationsWords = typeof operationsEnglish
