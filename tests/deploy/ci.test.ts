import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readStackSettings } from '@countermand/tools/stack/settings.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { composeModel, root, textOf } from './compose.ts'

const step = z.object({
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.boolean()])).default({}),
})
const job = z.object({
  name: z.string(),
  'runs-on': z.string(),
  'timeout-minutes': z.int(),
  strategy: z.object({ matrix: z.object({ runner: z.array(z.string()) }) }).optional(),
  env: z.record(z.string(), z.string()),
  steps: z.array(step),
})
const workflow = z.object({ jobs: z.object({ native: job, containers: job }) })

let jobs: z.infer<typeof workflow>['jobs']
beforeAll(async () => {
  const parsed = parse(await textOf('.github/workflows/ci.yml'), { strict: true, uniqueKeys: true })
  jobs = workflow.parse(parsed).jobs
})

const commands = ({ steps }: z.infer<typeof job>): string[] => steps.flatMap(({ run }) => run?.split('\n') ?? [])

describe('the GitHub workflow', () => {
  it('runs npm test with the native stack on Linux and macOS', () => {
    expect(jobs.native.strategy?.matrix.runner.map((runner) => runner.split('-')[0])).toEqual(['ubuntu', 'macos'])
    expect(jobs.native.env).toEqual({ COUNTERMAND_STACK: 'native' })
    expect(commands(jobs.native)).toEqual(['npm test'])
    const tools = jobs.native.steps.map(({ uses }) => uses?.split('@')[0])
    expect(tools).toEqual(expect.arrayContaining(['actions/setup-node', 'actions/setup-go', 'actions/setup-java']))
  })

  it('keeps what the stack is built from, until its versions change', () => {
    const [cache] = jobs.native.steps.filter(({ uses }) => uses?.startsWith('actions/cache@'))
    expect(cache?.with.path).toBe('~/.cache/countermand')
    expect(cache?.with.key).toContain("hashFiles('tools/stack/versions.ts')")
  })

  it('brings the containers up and plays the scenarios against them', () => {
    const [up, ...rest] = commands(jobs.containers)
    expect(up).toMatch(/^docker compose up .*--build .*--wait /)
    expect(rest).toContain('node tests/deploy/main.ts')
  })

  it('looks for the system where docker-compose.yml publishes it', async () => {
    const { services } = await composeModel()
    const published = (name: string) => Number(services[name]?.ports[0]?.published)
    const settings = readStackSettings(jobs.containers.env)
    expect(settings.kafkaBrokers).toEqual([`127.0.0.1:${published('kafka')}`])
    expect(settings.temporalAddress).toBe(`127.0.0.1:${published('temporal')}`)
    const { POSTGRES_USER, POSTGRES_PASSWORD } = services.postgres?.environment ?? {}
    for (const [owner, url] of Object.entries(settings.databaseUrls))
      expect(url).toBe(
        `postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@127.0.0.1:${published('postgres')}/countermand_${owner}`,
      )
  })

  it('pins every action to a major version, and runs programs that are there', async () => {
    for (const { steps } of Object.values(jobs)) {
      const actions = steps.flatMap(({ uses }) => uses ?? [])
      expect(actions.filter((action) => !/^actions\/[a-z-]+@v\d+$/.test(action))).toEqual([])
    }
    const programs = Object.values(jobs).flatMap((each) =>
      commands(each).flatMap((command) => /^node (\S+)/.exec(command)?.[1] ?? []),
    )
    expect(programs.length).toBeGreaterThan(0)
    for (const program of programs) expect((await stat(join(root, program))).isFile(), program).toBe(true)
  })
})
