/** A saga whose code has a bug: its workflow task fails again and again. */
export async function cancelOrder(): Promise<void> {
  throw new TypeError('this code has a bug')
}
