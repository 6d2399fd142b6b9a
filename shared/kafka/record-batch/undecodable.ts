/** What the bytes say of themselves does not hold, or is more than is taken. */
export class Undecodable extends Error {
  override readonly name = 'Undecodable'
}
