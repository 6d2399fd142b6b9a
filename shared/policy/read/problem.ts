/** What is wrong with a file, and in which line. */
export interface Problem {
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  readonly message: string
}

/** As editors and terminals know it. */
export const problemText = ({ file, line, message }: Problem): string => `${file}:${line}: ${message}`

/** Policies that cannot be used; the message lists every problem, each with file and line. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(`the policies cannot be used:\n${problems.map((each) => `  ${problemText(each)}`).join('\n')}`)
    this.problems = problems
  }
}
