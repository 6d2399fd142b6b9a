/** Copies what was written before, which may reach into what is being written. */
export const copyBack = (out: Buffer, to: number, offset: number, length: number): void => {
  if (offset >= length) out.copyWithin(to, to - offset, to - offset + length)
  else for (let i = 0; i < length; i++) out[to + i] = out[to + i - offset] ?? 0
}
