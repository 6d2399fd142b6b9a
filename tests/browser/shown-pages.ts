import { readFile } from 'node:fs/promises'
import { accentStyle } from '@countermand/console/pages/kit/accent.ts'
import { documentOf } from '@countermand/console/pages/kit/page.ts'
import { customerAround, operator, staffAround } from '@countermand/console/test/around.ts'
import { customers } from '@countermand/console/test/given.ts'
import { everyOperationsPage } from '@countermand/console/test/operations-pages.ts'
import { everyPage as customerPages } from '@countermand/console/test/pages.ts'
import { everyStaffPage } from '@countermand/console/test/staff-pages.ts'
import type { Language } from '@countermand/console/words/languages.ts'
import type { Browser, Page } from 'playwright-core'

/** Every page of customers and of staff in every state, in a browser, without any process of ours. */

type Made = (language: Language) => string

/** Whole documents, by the page's name; those of staff begin with `staff.`. */
export const everyPage: Readonly<Record<string, Made>> = Object.fromEntries([
  ...Object.entries(customerPages).map(([name, make]): [string, Made] => [
    name,
    (language) => documentOf(make(customerAround(language)), customerAround(language)),
  ]),
  ...Object.entries(everyStaffPage).map(([name, make]): [string, Made] => [
    `staff.${name}`,
    (language) => {
      const around = Object.hasOwn(everyOperationsPage, name) ? staffAround(language, operator) : staffAround(language)
      return documentOf(make(around), around)
    },
  ]),
])

const site = 'http://shop.test'

const styleSheet = async (): Promise<string> => {
  const styles = new URL('../../services/console/pages/kit/styles.css', import.meta.url)
  return `${accentStyle(customers.accent)}${await readFile(styles, 'utf8')}`
}

export interface Look {
  readonly language: Language
  readonly scheme: 'light' | 'dark'
  readonly width: number
  readonly height: number
  readonly forcedColours?: boolean
  /** Pixels of the screen to one of the page; of what nobody looks at, 1. */
  readonly density?: number
}

/** Opens a window that shows pages by their names. */
export const openShownPages = async (
  browser: Browser,
  { language, scheme, width, height, forcedColours, density = 1 }: Look,
) => {
  const context = await browser.newContext({
    ...{ viewport: { width, height }, colorScheme: scheme, locale: 'en-GB', deviceScaleFactor: density },
    ...(forcedColours && { forcedColors: 'active' as const }),
  })
  const style = await styleSheet()
  await context.route('**/*', async (route) => {
    const { pathname } = new URL(route.request().url())
    const make = everyPage[pathname.slice(1)]
    if (pathname === '/style.css') await route.fulfill({ contentType: 'text/css', body: style })
    else if (make === undefined) await route.fulfill({ status: 204, body: '' })
    else await route.fulfill({ contentType: 'text/html', body: make(language) })
  })
  const page = await context.newPage()
  return {
    show: async (name: string): Promise<Page> => {
      await page.goto(`${site}/${name}`, { waitUntil: 'load' })
      return page
    },
    close: () => context.close(),
  }
}
