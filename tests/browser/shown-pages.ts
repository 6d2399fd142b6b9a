import { readFile } from 'node:fs/promises'
import { accentStyle } from '@countermand/console/pages/kit/accent.ts'
import { documentOf, type Surroundings } from '@countermand/console/pages/kit/page.ts'
import { customers } from '@countermand/console/test/given.ts'
import { everyPage } from '@countermand/console/test/pages.ts'
import { type Language, languages, speech } from '@countermand/console/words/languages.ts'
import type { Browser, Page } from 'playwright-core'

/** Every page of customers in every state, in a browser, without any process of ours. */

export { everyPage }

const site = 'http://shop.test'

const around = (language: Language): Surroundings => ({
  ...{ speech: speech(language, customers.zone), shop: customers.shop, home: '/orders', formKey: 'key' },
  assets: { style: '/style.css', script: '/live.js' },
  languages: languages.map((each) => ({ ...each, href: `/?lang=${each.language}` })),
  links: [],
})

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
    else await route.fulfill({ contentType: 'text/html', body: documentOf(make(around(language)), around(language)) })
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
