/** `npm run pictures:pages`: takes pictures of customers' and staff's pages for the docs; nothing has to run. With a folder: all pages and states, there. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Language } from '@countermand/console/words/languages.ts'
import { findChromium, noChromium } from '@countermand/tools/stack/chromium.ts'
import { openChromium } from './chromium.ts'
import { everyPage, openShownPages } from './shown-pages.ts'

/** Of these, and no others, docs have pictures. */
const forDocs = [
  ...['order-phone', 'cancel-phone', 'review-phone', 'cancellation.pending-phone', 'cancellation.completed-phone-dark'],
  ...['review-desk', 'cancellation.shop-decides-desk-dark'],
  ...['staff.inbox.shown-phone', 'staff.inbox.shown-desk', 'staff.decide.approve-desk', 'staff.decide.reject-phone'],
  ...['staff.results.shown-desk-dark', 'staff.case.shown-desk'],
  ...['staff.attention.shown-phone', 'staff.operation.shown-desk'],
  ...['staff.report.reasons-phone', 'staff.report.refund-times-desk-dark'],
]
const docs = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))
/** In the docs, those of staff and of customers have a folder each. */
const fileOf = (picture: string): string => {
  if (folder !== undefined) return join(folder, `${picture}.png`)
  const ofStaff = picture.startsWith('staff.')
  return join(docs, ofStaff ? 'staff' : 'customers', `${picture.replace(/^staff[.]/, '')}.png`)
}

const looks = [
  { name: 'phone', scheme: 'light', width: 390, height: 780 },
  { name: 'phone-dark', scheme: 'dark', width: 390, height: 780 },
  { name: 'desk', scheme: 'light', width: 1100, height: 780 },
  { name: 'desk-dark', scheme: 'dark', width: 1100, height: 780 },
] as const

const [folder, language = 'en', only = ''] = process.argv.slice(2)
const isWanted = (picture: string) => (folder === undefined ? forDocs.includes(picture) : picture.startsWith(only))
const spoken: readonly Language[] = ['en', 'de', 'ja', 'zh-CN', 'en-XA', 'ar-XB']
const chosen = spoken.find((each) => each === language) ?? 'en'
const to = folder ?? docs
const executable = await findChromium(process.env)
if (executable === undefined) throw new Error(noChromium)
await mkdir(to, { recursive: true })
const browser = await openChromium(executable)
try {
  for (const { name: look, ...how } of looks) {
    const shown = await openShownPages(browser, { ...how, language: chosen, density: 2 })
    for (const name of Object.keys(everyPage).filter((each) => isWanted(`${each}-${look}`))) {
      const page = await shown.show(name)
      await page.screenshot({
        path: fileOf(`${name}-${look}`),
        fullPage: true,
        animations: 'disabled',
        scale: 'css',
      })
    }
    await shown.close()
  }
} finally {
  await browser.close()
}
process.stderr.write(`[pictures] ${to}\n`)
