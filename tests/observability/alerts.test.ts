import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { portSettings, processNames } from '@countermand/tools/system/processes.ts'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { type AlertCase, alertCases, type Series, wellSystem } from './alert-cases.ts'
import { promtool, root } from './promtool.ts'

const prometheus = z.object({
  scrape_configs: z.array(
    z.object({
      job_name: z.string(),
      dns_sd_configs: z.array(z.object({ names: z.array(z.string()), port: z.number() })),
    }),
  ),
})

const ruleFile = join(root, 'deploy/prometheus/alerts.yml')
const rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          labels: z.object({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.object({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
        }),
      ),
    }),
  ),
})
const alerts = rules.parse(parse(await readFile(ruleFile, 'utf8'))).groups.flatMap((group) => group.rules)

const kebab = (name: string) => name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()

/** One test of promtool: exactly these alerts fire. */
const ruleTest = (name: string, series: Series, minutes: number, firing: readonly string[]) => ({
  name,
  interval: '1m',
  input_series: Object.entries({ ...wellSystem, ...series }).map(([named, values]) => ({ series: named, values })),
  promql_expr_test: [
    {
      expr: 'group by (alertname) (ALERTS{alertstate="firing"})',
      eval_time: `${minutes}m`,
      exp_samples: firing.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
    },
  ],
})

const testsOf = ({ alert, fires, quiet, at = 30 }: AlertCase) => [
  ruleTest(`${alert} fires`, fires, at, [alert]),
  ruleTest(`${alert} does not fire`, quiet, at, []),
]

describe('the alert rules', () => {
  it('are rules, and so is the configuration that loads them', async () => {
    for (const args of [
      ['check', 'rules', '--lint=all', '--lint-fatal', 'deploy/prometheus/alerts.yml'],
      ['check', 'config', '--lint=all', '--lint-fatal', 'deploy/prometheus/prometheus.yml'],
    ]) {
      const { code, output } = await promtool(args)
      expect(output).toContain('SUCCESS')
      expect(code).toBe(0)
    }
  })

  it('are fed by each of our processes, under its name', async () => {
    const text = await readFile(join(root, 'deploy/prometheus/prometheus.yml'), 'utf8')
    const { scrape_configs } = prometheus.parse(parse(text))
    expect(scrape_configs).toEqual(
      processNames.map((name) => ({
        job_name: name,
        dns_sd_configs: [{ names: [name], port: portSettings[name][1] }],
      })),
    )
  })

  it('say each what it is about, and where its page is', async () => {
    expect(alerts.length).toBeGreaterThan(15)
    for (const { alert, annotations } of alerts) {
      expect(annotations.runbook_url).toBe(`docs/runbooks/${kebab(alert)}.md`)
      expect(await readFile(join(root, annotations.runbook_url), 'utf8')).toContain(alert)
    }
  })

  it('fire each on what it is about and on nothing else, and not on what is short of it', async () => {
    expect(new Set(alertCases.map(({ alert }) => alert))).toEqual(new Set(alerts.map(({ alert }) => alert)))
    const directory = await mkdtemp(join(tmpdir(), 'countermand-alerts-'))
    try {
      const file = join(directory, 'alerts.test.yml')
      const tests = alertCases.flatMap(testsOf)
      await writeFile(file, stringify({ rule_files: [ruleFile], evaluation_interval: '1m', tests }))
      const { code, output } = await promtool(['test', 'rules', file])
      expect(output).toContain('SUCCESS')
      expect(code).toBe(0)
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
