import { fileURLToPath } from 'node:url'

/** Where Node keeps what it compiled, so that a process starts with a third less work the next time. Where it cannot be written there is none. */
export const compiled = fileURLToPath(new URL('../../node_modules/.cache/countermand/compiled', import.meta.url))
