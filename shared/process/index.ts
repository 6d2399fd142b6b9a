export { beginLife, endWithinMs, type Life } from './life.ts'
export { unlessAborted, untilItAnswers } from './until-it-answers.ts'
