import { open, readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** The last lines of a log of any size. */
export const lastLines = async (file: string, count = 15): Promise<string> => {
  const handle = await open(file).catch(() => undefined)
  if (handle === undefined) return ''
  try {
    const { size } = await handle.stat()
    const length = Math.min(size, 64 * 1024)
    const { buffer } = await handle.read({ buffer: Buffer.alloc(length), position: size - length })
    return buffer.toString('utf8').trimEnd().split('\n').slice(-count).join('\n')
  } finally {
    await handle.close()
  }
}

/** Bytes in the file; 0 when it is not there. */
export const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  )

/** Waits until a text appears in the file after its first `from` bytes. */
export const waitForText = async (file: string, from: number, text: string, signal: AbortSignal): Promise<void> => {
  for (;;) {
    const content = await readFile(file)
    if (content.subarray(from).includes(text)) return
    await sleep(100, undefined, { signal })
  }
}
