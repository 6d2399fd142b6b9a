import { readFileSync } from 'node:fs'

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * What a file holds now, without the end of its last line. Whoever uses a secret reads it then: it is small, and a new connection is rare.
 * Throws, in words, when it cannot be read or is empty, as one is that is being written.
 */
export const readSecretFile = (path: string, what: string): string => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Error(`expected ${what} in a file: ${reasonOf(cause)}`, { cause })
  }
  const secret = text.replace(/\r?\n$/, '')
  if (secret.trim() === '') throw new Error(`expected ${what} in ${path}, it is empty`)
  return secret
}
