import { span } from './span.ts'

const milliseconds = span('2d, 12h or 30m')

/** The moment so long ago, from an option such as `2d`. */
export const ago = (text: string): Date => new Date(Date.now() - milliseconds(text))
