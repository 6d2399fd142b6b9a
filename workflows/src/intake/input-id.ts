import { createHash } from 'node:crypto'

/** An event's identity, short whatever its publisher chose: what the input comes to is recorded under it. */
export const inputIdOf = (event: { readonly source: string; readonly id: string }): string =>
  `event:${createHash('sha256')
    .update(JSON.stringify([event.source, event.id]))
    .digest('hex')
    .slice(0, 32)}`
