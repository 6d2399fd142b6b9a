/** How a call that failed may go on. */
export interface FailedFacts {
  /** `setup`: nobody could be called as it is configured. `outage`: its provider is known to be away. */
  readonly trouble?: 'setup' | 'outage'
  /** Milliseconds: before that nobody should call again. */
  readonly retryAfterMs?: number
}

/** A call that came to no answer. Its words hold no header and no body: those have secrets and customers' data in them. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
  /** `before-anything`: the provider cannot have heard of it. */
  readonly reached: 'before-anything' | 'unknown'
  readonly facts: FailedFacts

  constructor(message: string, reached: CallFailed['reached'], facts: FailedFacts = {}) {
    super(message)
    this.reached = reached
    this.facts = facts
  }
}
