import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { createBearer, createLink } from '@countermand/console/store/links.ts'
import type { Language } from '@countermand/console/words/languages.ts'
import { eventually } from '@countermand/testing'
import { findChromium, noChromium } from '@countermand/tools/stack/chromium.ts'
import { freePort } from '@countermand/tools/stack/ports.ts'
import { createIdentity } from '@countermand/tools/stand-ins/identity/stand-in.ts'
import { sql } from 'kysely'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { openShop, type Shop } from '../e2e/shop.ts'
import { startWorld, type World } from '../e2e/world.ts'
import { openChromium } from './chromium.ts'
import { everyPage, openShownPages } from './shown-pages.ts'

const executable = await findChromium(process.env)
if (executable === undefined) process.stderr.write(`the pages are not looked at: ${noChromium}\n`)

let browser: Browser
beforeAll(async () => {
  if (executable !== undefined) browser = await openChromium(executable)
})
afterAll(async () => {
  await browser?.close()
})

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What keeps people out, by the rules of WCAG 2.2 AA. Code that runs in the page is text: our types know no documents. */
const barriers = async (page: Page): Promise<string[]> => {
  const has = await page.evaluate('typeof axe === "object"')
  if (has !== true) await page.evaluate(axe)
  const found = await page.evaluate(`axe.run({ runOnly: ${JSON.stringify(rules)} }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`)
  return texts.parse(found)
}
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const texts = z.array(z.string())

describe.skipIf(executable === undefined)('every page in every state', () => {
  it.each<readonly [Language, 'light' | 'dark']>([
    ['en', 'light'],
    ['ar-XB', 'dark'],
  ])('keeps nobody out, in %s, %s', async (language, scheme) => {
    const shown = await openShownPages(browser, { language, scheme, width: 390, height: 780 })
    const found: string[] = []
    for (const name of Object.keys(everyPage))
      found.push(...(await barriers(await shown.show(name))).map((each) => `${name}: ${each}`))
    await shown.close()
    expect(found).toEqual([])
  })

  /** Of what a language changes on a page: its name, its words, how they wrap. */
  const everyKind = ['order', 'cancel.error', 'review', 'cancellation.completed', 'receipt', 'find', 'withdraw.review']

  it.each<Language>(['de', 'ja', 'zh-CN'])('keeps nobody out in %s, on a page of each kind', async (language) => {
    const shown = await openShownPages(browser, { language, scheme: 'light', width: 390, height: 780 })
    const found: string[] = []
    for (const name of everyKind)
      found.push(...(await barriers(await shown.show(name))).map((each) => `${name}: ${each}`))
    await shown.close()
    expect(found).toEqual([])
  })

  const targets =
    'button, .button, select, summary, .box, .ways a, .choice, input[type=text], input[type=email], input[type=date]'

  it('fits a window of 320 pixels, in long words too, and has targets of 44', async () => {
    const shown = await openShownPages(browser, { language: 'en-XA', scheme: 'light', width: 320, height: 640 })
    for (const name of Object.keys(everyPage)) {
      const page = await shown.show(name)
      const wide = await page.evaluate('document.documentElement.scrollWidth')
      const small = await page.evaluate(`[...document.querySelectorAll('${targets}')]
        .filter((each) => !each.hidden && each.getClientRects().length > 0 && each.getBoundingClientRect().height < 44).map((each) => each.outerHTML)`)
      expect(wide, name).toBe(320)
      expect(small, name).toEqual([])
    }
    await shown.close()
  })

  it('would notice a barrier', async () => {
    const shown = await openShownPages(browser, { language: 'en', scheme: 'light', width: 390, height: 780 })
    const page = await shown.show('order')
    await page.evaluate(`document.querySelector('main').insertAdjacentHTML('beforeend', '<input type="text">')`)
    expect(await barriers(page)).not.toEqual([])
    await shown.close()
  })
})

/** The shop's own page of an order: the example of the docs. A page that no server has sent may not call this machine, by the browser's rules. */
const startOwnPage = async (port: number, answer: (path: string) => Promise<{ type: string; body: string }>) => {
  const server = createServer((request, response) => {
    void answer(request.url ?? '').then(({ type, body }) => response.setHeader('content-type', type).end(body))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { close: () => server.close() }
}
const example = await readFile(new URL('../../docs/integrate/widget.html', import.meta.url), 'utf8')

describe.skipIf(executable === undefined)('on the whole system', () => {
  let world: World
  let ownPort: number
  let shop: Shop
  let staffUrl: string
  let identity: Server | undefined
  beforeAll(async () => {
    const [staffPort, identityPort] = [await freePort(), await freePort()]
    ownPort = await freePort()
    staffUrl = `http://127.0.0.1:${staffPort}`
    const issuer = `http://127.0.0.1:${identityPort}`
    const client = { id: 'console', secret: 'secret-of-tests' }
    const people = {
      ann: { name: 'Ann', roles: ['support'], merchants: ['*'] },
      mia: { name: 'Mia', roles: ['merchant'], merchants: ['mer-asked'] },
    }
    const addresses = { callback: `${staffUrl}/auth/callback`, home: `${staffUrl}/` }
    identity = createIdentity({ issuer, client: { ...client, ...addresses }, people })
    await new Promise<void>((resolve) => identity?.listen(identityPort, '127.0.0.1', resolve))
    const settings = {
      ...{
        CONSOLE: 'on',
        SHOP_NAME: 'Mug & Co',
        SHOP_ORIGINS: `http://127.0.0.1:${ownPort}`,
        STAFF_PORT: String(staffPort),
      },
      ...{ OIDC_ISSUER: issuer, OIDC_CLIENT_ID: client.id, OIDC_CLIENT_SECRET: client.secret },
    }
    const asked = { MERCHANT_APPROVAL: 'always', MERCHANT_DEADLINE: '24h' }
    world = await startWorld(inject('stack'), settings, { 'mer-asked': asked })
    shop = openShop(world)
  }, 240_000)
  afterAll(async () => {
    await world?.stop()
    identity?.closeAllConnections()
    identity?.close()
  })

  /** A member of staff, signed in by the provider's page. */
  const signedIn = async (who: string, path: string, javaScriptEnabled: boolean) => {
    const context = await browser.newContext({ javaScriptEnabled, locale: 'en-GB' })
    const page = await context.newPage()
    page.setDefaultTimeout(60_000)
    await page.goto(`${staffUrl}${path}`)
    await page.getByRole('button', { name: who }).click()
    await page.waitForURL(`${staffUrl}${path}`)
    return { page, close: () => context.close() }
  }

  /** Loads a page again until all of them are there. */
  const untilThere = async (page: Page, selector: string, many: number) => {
    for (let tries = 0; tries < 240 && (await page.locator(selector).count()) < many; tries++) {
      await page.waitForTimeout(500)
      await page.reload()
    }
    expect(await page.locator(selector).count()).toBe(many)
  }

  it('a merchant decides two hundred requests in one go, with a result each that comes to count', async () => {
    const many = 200
    const requests = await Promise.all(
      Array.from({ length: many }, async (_, nth) =>
        shop.ask({ ...(await shop.place({ name: `many-${nth}`, merchantId: 'mer-asked' })), merchantId: 'mer-asked' }),
      ),
    )
    const { page, close } = await signedIn('Mia', '/inbox', true)
    await untilThere(page, '.pick', many)
    await page.getByRole('link', { name: 'Choose all of these' }).click()
    await page.getByRole('button', { name: 'Approve …' }).first().click()
    await page.getByRole('button', { name: 'Approve 200 requests, €6,702.00 back' }).click()
    await page.waitForURL(/\/inbox\/results\//)
    await page.getByText('200 of 200 sent').first().waitFor()
    expect(await page.locator('.result').count()).toBe(many)
    // By itself, as long as something may change.
    await page
      .locator('.result', { hasText: 'Approved: it counts since' })
      .nth(many - 1)
      .waitFor({ timeout: 120_000 })
    expect(await barriers(page)).toEqual([])
    for (const request of requests) expect(await request.ends(120_000)).toMatchObject({ outcome: 'cancelled' })
    await close()
  }, 400_000)

  it('a merchant decides by keyboard alone, without JavaScript', async () => {
    const order = await shop.place({ name: 'keys', merchantId: 'mer-asked' })
    const request = await shop.ask({ ...order, merchantId: 'mer-asked' })
    const { page, close } = await signedIn('Mia', '/inbox', false)
    await untilThere(page, '.pick', 1)
    const press = async (target: Locator, key: string) => {
      for (let keys = 0; keys < 25 && (await page.locator(':focus').and(target).count()) === 0; keys++)
        await page.keyboard.press('Tab')
      expect(await page.locator(':focus').and(target).count()).toBe(1)
      await page.keyboard.press(key)
    }
    await press(page.getByRole('checkbox').first(), 'Space')
    expect(await page.getByRole('checkbox').first().isChecked()).toBe(true)
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/inbox\/review/)
    await press(page.getByRole('textbox'), 'x')
    await press(page.getByRole('button', { name: 'Reject 1 request' }), 'Enter')
    await page.waitForURL(/\/inbox\/results\//)
    expect(await request.ends()).toMatchObject({ outcome: 'refused', code: 'merchant-rejected', message: 'x' })
    await close()
  })

  it('customer service cancels for a customer, who sees it on their own page', async () => {
    const { orderId } = await shop.place({ name: 'phone' })
    const { page, close } = await signedIn('Ann', '/', true)
    const find = async () => {
      await page.getByRole('textbox').fill(orderId)
      await page.keyboard.press('Enter')
      await page.waitForLoadState()
    }
    await find()
    for (let tries = 0; tries < 60 && !page.url().includes('/cases/'); tries++) {
      await page.waitForTimeout(500)
      await find()
    }
    await page.getByRole('link', { name: 'Cancel for the customer' }).click()
    await page.getByRole('radio', { name: 'The customer: By phone' }).check()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('button', { name: 'Cancel order, €33.51 back' }).click()
    await page.getByText('Asked for by staff').waitFor()
    // What is new is offered; the page goes on by a press.
    await page.getByRole('link', { name: 'Look again' }).click({ timeout: 60_000 })
    await untilSaid(page, 'Cancelled. €33.51 in all.', true)
    expect(await page.locator('.mirror').getByText('Cancelled. €33.51 in all.').first().isVisible()).toBe(true)
    expect(await barriers(page)).toEqual([])
    const { requests } = await world.story(orderId)
    expect(requests).toHaveLength(1)
    await close()
  })

  const opened = async (javaScriptEnabled: boolean) => {
    const { orderId } = await shop.place({ name: 'pages' })
    const { token } = await createLink(world.raw.console, { orderId }, 3_600_000)
    const context = await browser.newContext({
      javaScriptEnabled,
      locale: 'en-GB',
      viewport: { width: 390, height: 780 },
    })
    const page = await context.newPage()
    page.setDefaultTimeout(60_000)
    const sizes: number[] = []
    page.on('response', async (response) => {
      if (response.request().resourceType() === 'document')
        sizes.push((await response.body().catch(() => Buffer.from(''))).length)
    })
    const link = `${world.shop}/c/${token}`
    await page.goto(link)
    return { page, orderId, link, sizes, close: () => context.close() }
  }

  /** Loads a page again until it says so, as a person does. */
  const untilSaid = async (page: Page, words: string, reloads: boolean) => {
    const found = page.getByText(words).first()
    for (let tries = 0; reloads && tries < 60 && !(await found.isVisible()); tries++) {
      await page.waitForTimeout(500)
      await page.reload()
    }
    await found.waitFor()
  }

  /** Until the console has heard of an order. */
  const untilHeard = (orderId: string) =>
    eventually('the order to be heard of', async () => {
      const { rows } = await sql`select 1 from orders where order_id = ${orderId} and placed is not null`.execute(
        world.raw.console,
      )
      return rows.length > 0
    })

  const untilKnown = async (page: Page) => {
    for (let tries = 0; tries < 60 && (await page.getByText('not here yet').count()) > 0; tries++) {
      await page.waitForTimeout(500)
      await page.reload()
    }
  }

  it.each([
    ['without JavaScript', false],
    ['with JavaScript', true],
  ])('a customer cancels in four taps without typing, %s, and sees their money', async (_, javaScriptEnabled) => {
    const { page, sizes, close } = await opened(javaScriptEnabled)
    await page.getByRole('button', { name: 'Continue' }).click()
    await untilKnown(page)
    await page.getByRole('link', { name: /^Cancel/ }).click()
    await page.getByRole('button', { name: 'Continue' }).click()
    expect(await page.getByText('You get €33.51 back').isVisible()).toBe(true)
    await page.getByRole('button', { name: 'Cancel order, €33.51 back' }).click()
    await page.waitForURL(/\/cancellations\//)
    await untilSaid(page, 'Cancelled. €33.51 in all.', !javaScriptEnabled)
    expect(await page.getByText(/€33.51 to your card: there since/).isVisible()).toBe(true)
    expect(Math.max(...sizes)).toBeLessThan(14_000)
    await page.getByText('Good', { exact: true }).click()
    await page.getByRole('button', { name: 'Send' }).click()
    expect(await page.getByText('Thank you.').isVisible()).toBe(true)
    await page.getByRole('link', { name: 'Receipt' }).click()
    expect(await page.getByRole('heading', { name: 'Receipt of your request' }).isVisible()).toBe(true)
    await close()
  })

  it('a customer cancels by keyboard alone, in few keys', async () => {
    const { page, close } = await opened(false)
    const press = async (name: string | RegExp, role: 'button' | 'link') => {
      const target = page.getByRole(role, { name })
      for (let keys = 0; keys < 25; keys++) {
        await page.keyboard.press('Tab')
        if (await page.locator(':focus').and(target).count()) break
      }
      expect(await page.locator(':focus').and(target).count()).toBe(1)
      await page.keyboard.press('Enter')
      await page.waitForLoadState()
    }
    await press('Continue', 'button')
    await untilKnown(page)
    await press(/^Cancel/, 'link')
    await press('Continue', 'button')
    await press(/^Cancel order/, 'button')
    await page.waitForURL(/\/cancellations\//)
    await close()
  })

  it.each([
    ['without JavaScript', false],
    ['with JavaScript', true],
  ])('a customer cancels in a page of the shop’s own, or is led on from there, %s', async (_, javaScriptEnabled) => {
    const { orderId } = await shop.place({ name: 'widget' })
    const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 390, height: 780 } })
    const page = await context.newPage()
    page.setDefaultTimeout(60_000)
    let given = 0
    const own = await startOwnPage(ownPort, async (path) => {
      if (!path.endsWith('/widget-token'))
        return {
          ...{ type: 'text/html', body: example.replaceAll('ORDER_ID', orderId).replaceAll('SHOP_URL', world.shop) },
        }
      given += 1
      const { token } = await createBearer(world.raw.console, { orderId })
      return { type: 'application/json', body: JSON.stringify({ token }) }
    })
    await untilHeard(orderId)
    await page.goto(`http://127.0.0.1:${ownPort}/my-orders/${orderId}`)
    if (!javaScriptEnabled) {
      expect(await page.getByRole('link', { name: 'Cancel this order' }).getAttribute('href')).toBe(
        `${world.shop}/find`,
      )
      own.close()
      return context.close()
    }
    await page.getByRole('button', { name: 'Continue' }).click()
    // A token that is over is asked for anew, and what was pressed goes on.
    await sql`update customer_sessions set expires_at = now() where is_bearer`.execute(world.raw.console)
    await page.getByRole('button', { name: 'Cancel order, €33.51 back' }).click()
    await page.getByRole('heading', { name: /^Cancellation of order/ }).waitFor()
    expect(await page.evaluate('document.querySelector("countermand-cancel").shadowRoot.activeElement?.tagName')).toBe(
      'H1',
    )
    await page.getByText('Cancelled. €33.51 in all.').first().waitFor()
    expect(given).toBe(2)
    expect(await barriers(page)).toEqual([])
    if (process.env.PICTURES !== undefined) await page.screenshot({ path: process.env.PICTURES, fullPage: true })
    const { requests } = await world.story(orderId)
    expect(requests).toHaveLength(1)
    own.close()
    await context.close()
  })

  it('a customer is told what is known while the order service is away, and what it comes to when it is back', async () => {
    const { page, close } = await opened(true)
    await page.getByRole('button', { name: 'Continue' }).click()
    await untilKnown(page)
    const pid = world.system.processes.order.pid ?? expect.fail()
    process.kill(pid, 'SIGSTOP')
    try {
      await page.getByRole('link', { name: /^Cancel/ }).click()
      await page.getByRole('button', { name: 'Continue' }).click()
      expect(await page.getByText('As things are now, nobody has to agree').isVisible()).toBe(true)
      await page.getByRole('button', { name: 'Cancel order, €33.51 back' }).click()
      await page.waitForURL(/\/cancellations\//)
      await page.getByText('This takes longer than usual.').first().waitFor()
      expect(await page.getByRole('button', { name: 'Take back: keep my order' }).isVisible()).toBe(true)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await untilSaid(page, 'Cancelled. €33.51 in all.', false)
    await close()
  })

  it('the back button, another tab and a second tap make no second request', async () => {
    const { page, orderId, close } = await opened(true)
    await page.getByRole('button', { name: 'Continue' }).click()
    await untilKnown(page)
    await page.getByRole('link', { name: /^Cancel/ }).click()
    await page.getByRole('button', { name: 'Continue' }).click()
    const name = 'Cancel order, €33.51 back'
    await page.getByRole('button', { name }).waitFor()
    const reviewed = page.url()
    const tab = await page.context().newPage()
    await tab.goto(reviewed)
    await page.getByRole('button', { name }).dblclick()
    await page.waitForURL(/\/cancellations\//)
    const first = page.url()
    await tab.getByRole('button', { name }).click()
    await tab.getByText('is being cancelled already').or(tab.getByText('Nothing was left to cancel')).first().waitFor()
    // A second tap that came late is a step of its own.
    while (page.url().includes('/cancellations/')) await page.goBack()
    await page
      .getByText('is being cancelled already')
      .or(page.getByText('Nothing was left to cancel'))
      .first()
      .waitFor()
    await page.goto(first)
    await untilSaid(page, 'Cancelled.', false)
    const { requests } = await world.story(orderId)
    expect(requests).toHaveLength(1)
    await close()
  })
})
