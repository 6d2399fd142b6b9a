import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { attentionReason } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import { drills } from './drills.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = join(root, 'docs/runbooks')
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'))
const read = (page: string): string => readFileSync(join(folder, page), 'utf8')

const made = { orderId: 'ord-1', requestId: '<request>', workflowId: 'cancel-ord-1-<request>' }
/** `npm run saga -- resolve <request> --decision retry`, without who and why. */
const withoutWhy = (command: string): string => command.replace(/ --by .*/, '').replace("'<request>'", '<request>')

describe('every drill', () => {
  it.each(drills.map((drill) => [drill.name, drill] as const))(
    '%s has a page that says how to repair it',
    (_, drill) => {
      expect(pages).toContain(drill.runbook)
      for (const command of drill.repair(made)) expect(read(drill.runbook)).toContain(withoutWhy(command))
      expect(read(drill.runbook)).toContain(`drill ${drill.name}`)
    },
  )
})

it.each(attentionReason.options)('%s has a page, and the index names it', (reason) => {
  expect(pages).toContain(`${reason}.md`)
  expect(read('README.md')).toContain(`](${reason}.md)`)
})

it('every alert has its page, and the index names it', () => {
  const rules = readFileSync(join(root, 'deploy/prometheus/alerts.yml'), 'utf8')
  const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(([, alert]) => alert)
  const urls = [...rules.matchAll(/runbook_url: (\S+)/g)].map(([, url]) => url ?? '')
  expect(urls).toHaveLength(alerts.length)
  expect(urls.filter((url) => !existsSync(join(root, url)))).toEqual([])
  expect(alerts.filter((alert) => !read('README.md').includes(`| ${alert} |`))).toEqual([])
})

it.each(pages)('links of %s lead somewhere', (page) => {
  const links = [...read(page).matchAll(/\]\(([^)#]+)/g)].map(([, link]) => link ?? '')
  const broken = links.filter(
    (link) => !link.startsWith('http') && !existsSync(join(dirname(join(folder, page)), link)),
  )
  expect(broken).toEqual([])
})
