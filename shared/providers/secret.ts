import { inspect } from 'node:util'

const hidden = '[secret]'

/** What nobody may read in a log, an event, a trace or an error: whoever writes it down writes `[secret]`. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** Only where it is used: in a header, in a signature. */
  reveal(): string {
    return this.#value
  }

  toJSON(): string {
    return hidden
  }

  toString(): string {
    return hidden
  }

  [Symbol.toPrimitive](): string {
    return hidden
  }

  [inspect.custom](): string {
    return hidden
  }
}
