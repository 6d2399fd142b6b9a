import fc from 'fast-check'

/**
 * Properties play the same examples everywhere, so that a change is judged by what it changes. `COUNTERMAND_PROPERTY_SEED`: others, of
 * this number, or of any (`any`), as every night.
 */
const asked = process.env.COUNTERMAND_PROPERTY_SEED ?? '1'
if (asked !== 'any') {
  const seed = Number(asked)
  if (!Number.isInteger(seed))
    throw new Error(`expected COUNTERMAND_PROPERTY_SEED to be a whole number or any, got ${asked}`)
  fc.configureGlobal({ seed })
}
