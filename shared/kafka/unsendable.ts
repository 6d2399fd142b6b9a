/** Why a broker takes a message from nobody, however often it is sent. */
type Trouble =
  /** It is larger than its topic allows. */
  | 'too-large'
  /** The broker finds something wrong with it. */
  | 'refused'
  /** Its topic, or the partition that it is for, is not there. */
  | 'no-such-place'
  /** This process may not write there: an operator's mistake, and no message's. */
  | 'not-allowed'

/** A message can never be sent as it is. */
export class Unsendable extends Error {
  override readonly name = 'Unsendable'
  readonly trouble: Trouble
  constructor(trouble: Trouble, message: string, options?: ErrorOptions) {
    super(message, options)
    this.trouble = trouble
  }
}

const troubles: ReadonlyMap<string, Trouble> = new Map([
  ['MESSAGE_TOO_LARGE', 'too-large'],
  ['RECORD_LIST_TOO_LARGE', 'too-large'],
  ['INVALID_TOPIC_EXCEPTION', 'refused'],
  ['INVALID_RECORD', 'refused'],
  ['TOPIC_AUTHORIZATION_FAILED', 'not-allowed'],
])

/** What the broker's answer says of a message; `undefined`: nothing, it may be sent later. kafkajs wraps the answer in errors of its own. */
export const troubleOf = (error: unknown): Trouble | undefined => {
  if (!(error instanceof Error)) return undefined
  const own = 'type' in error ? troubles.get(String(error.type)) : undefined
  return own ?? troubleOf(error.cause)
}
