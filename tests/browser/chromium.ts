import { type Browser, chromium } from 'playwright-core'

/** No sandbox of its own: containers do not allow it to root, and it sees nothing but our own pages. */
const flags = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]

/** Starts it without a window; the caller closes it. */
export const openChromium = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: flags, headless: true, timeout: 60_000 })
