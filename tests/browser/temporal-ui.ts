import { type Addresses, sagaUrl } from '@countermand/workflows/operations/reach/addresses.ts'
import type { Browser, Locator, Page } from 'playwright-core'

/** The Temporal UI as an operator sees it. */
export interface TemporalUi {
  /** The list of workflows that a query finds. */
  list(query: string): Promise<Page>
  /** The history of a saga's latest run, with its timeline. */
  history(workflowId: string): Promise<Page>
  /** What a saga's latest run says about itself in words. */
  metadata(workflowId: string): Promise<Page>
}

/** A page is there when the server has been asked all that it shows; a busy machine takes its time. */
const patience = 90_000

export const openTemporalUi = (browser: Browser, where: Pick<Addresses, 'temporalUiUrl' | 'namespace'>): TemporalUi => {
  const open = async (url: string): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    page.setDefaultTimeout(patience)
    await page.goto(url, { waitUntil: 'domcontentloaded' })
    return page
  }
  const run = async (workflowId: string): Promise<Page> => {
    const page = await open(sagaUrl(where, workflowId))
    // It asks for the latest run first, and goes there.
    await page.waitForURL(/\/workflows\/[^/]+\/[^/]+\/\w+/)
    return page
  }
  return {
    list: (query) =>
      open(`${where.temporalUiUrl}/namespaces/${where.namespace}/workflows?query=${encodeURIComponent(query)}`),
    history: run,
    metadata: async (workflowId) => {
      const page = await run(workflowId)
      await page.goto(page.url().replace(/\/\w+(\?.*)?$/, '/user-metadata'), { waitUntil: 'domcontentloaded' })
      return page
    },
  }
}

/** Waits until these words are on a page, in a frame of it where Markdown is shown. Throws what is there instead. */
export const untilShown = async (page: Page, words: string): Promise<void> => {
  const deadline = Date.now() + patience
  for (;;) {
    const texts = await Promise.all(
      page.frames().map((frame) =>
        frame
          .locator('body')
          .innerText({ timeout: 2_000 })
          .catch(() => ''),
      ),
    )
    const shown = texts.join('\n').replaceAll(/[‘’]/g, "'").replaceAll(/\s+/g, ' ')
    if (shown.includes(words)) return
    if (Date.now() > deadline) throw new Error(`expected "${words}" on ${page.url()}, got ${shown.slice(-2_000)}`)
    await page.waitForTimeout(200)
  }
}

const choose = async (page: Page, item: string): Promise<Locator> => {
  // The page is drawn twice, for wide and for narrow windows; one of them is seen.
  await page.getByRole('button', { name: 'More Actions' }).last().click()
  await page.getByRole('menuitem', { name: item }).last().click()
  return page.getByRole('dialog').last()
}

/** The dialog goes when the server has taken it. */
const confirm = async (dialog: Locator): Promise<void> => {
  await dialog.getByTestId('confirm-modal-button').click()
  await dialog.waitFor({ state: 'hidden' })
}

/** Sends an update to a run, as an operator does who types its input as JSON. */
export const sendUpdate = async (page: Page, name: string, input: object): Promise<void> => {
  const dialog = await choose(page, 'Send an Update')
  await dialog.getByTestId('update-select-button').click()
  // An option's name is followed by what it is described as.
  await dialog.getByRole('listbox').getByText(name, { exact: true }).click()
  await dialog.getByRole('textbox').last().click()
  // In lines, as the editor would set it: that would move the button away from under the pointer.
  await page.keyboard.insertText(JSON.stringify(input, null, 2))
  await dialog.getByTestId('update-id').focus()
  await confirm(dialog)
}

/** Presses the button `Request Cancellation` of a run. */
export const requestCancellation = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Request Cancellation' }).last().click()
  await confirm(page.getByRole('dialog').last())
}

/** Terminates a run, for a reason that its history keeps. */
export const terminate = async (page: Page, reason: string): Promise<void> => {
  const dialog = await choose(page, 'Terminate')
  await dialog.getByRole('textbox').last().fill(reason)
  await confirm(dialog)
}
