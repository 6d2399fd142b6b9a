import { execFile } from 'node:child_process'
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Parser } from '@asyncapi/parser'
import { answers, check, commands, events, isCommandName, takersOf, topicPlan } from '@countermand/contracts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { messages } from './messages.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

/** The check as a person runs it. Node runs its child, not vitest's loader. */
const runCheck = (directory: string) =>
  run(process.execPath, [join(root, 'tools/generate/main.ts'), '--check', '--root', directory]).then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => ({ code: error.code, stderr: error.stderr }),
  )

describe('the AsyncAPI document', async () => {
  const path = join(root, 'docs/asyncapi.yaml')
  // By its path the parser finds the schemas that it refers to.
  const { document, diagnostics } = await new Parser().parse(await readFile(path, 'utf8'), { source: path })

  const travelling = document
    ?.channels()
    .all()
    .flatMap((channel) =>
      channel
        .messages()
        .all()
        .map((message) => message.name()),
    )

  it('is valid', () => {
    // Severity 0: error. What is left are hints, such as a newer version of AsyncAPI.
    expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([])
    expect(document?.version()).toBe('3.0.0')
  })

  it('has every topic, its dead letters included', () => {
    const addresses = document
      ?.channels()
      .all()
      .map((channel) => channel.address())
    expect(addresses).toEqual(expect.arrayContaining(topicPlan().map(({ name }) => name)))
  })

  it.each([...Object.keys(events), ...Object.keys(commands), ...Object.keys(answers)])(
    'has %s with an example, headers and all',
    (name) => {
      const message = document?.components().messages().get(name)
      expect(message?.name()).toBe(name)
      const [example] = message?.examples().all() ?? []
      const wanted = ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'content-type']
      if (isCommandName(name)) wanted.push('reply-topic', 'reply-to')
      if (Object.hasOwn(answers, name)) wanted.push('reply-to')
      expect(Object.keys(example?.headers() ?? {})).toEqual(expect.arrayContaining(wanted))
      expect(example?.headers()).toMatchObject({ ce_type: name })
      expect(travelling).toContain(name)
    },
  )

  const words = document?.info().description() ?? ''

  it.each([
    ['who is believed', 'DECISIONS_FROM'],
    ['how much a part gives back, and when shipping does', 'Shipping and its tax go\nback with the last unit'],
    ['where a message is that came to nothing', 'orders.placed.v1.dlq'],
    ['how other consumers read', 'Your consumers** too read with `isolation.level=read_committed`'],
    ['what the sandbox does', '| `pay_late_refuse_<ms>` |'],
  ])('says %s', (_, text) => {
    expect(words).toContain(text)
  })

  it('says of each event of the public story whether it ends a request', () => {
    const ends = [...words.matchAll(/^\| `(order\.cancellation\.[\w.-]+)` \|.*\| (\*\*yes\*\*|no.*) \|$/gm)]
    const told = new Map(ends.map(([, name = '', isEnd = '']) => [name, isEnd === '**yes**']))
    const story = Object.keys(events).filter((name) => name.startsWith('order.cancellation.'))
    expect([...told.keys()].toSorted()).toEqual(story.toSorted())
    expect([...told].filter(([, isEnd]) => isEnd).map(([name]) => name.split('.')[2])).toEqual([
      ...['completed', 'refused', 'withdrawn', 'compensated'],
    ])
  })

  it('names the port as a variable', () => {
    expect(document?.servers().get('local')?.host()).toBe('localhost:{port}')
  })

  it('says of each command by whom it is handled and what it may be answered', () => {
    const names = Object.keys(commands).filter(isCommandName)
    const operations = names.flatMap((name) => {
      const takers = takersOf(name)
      return takers.map((service) => ({ name, operation: takers.length === 1 ? name : `${service}.${name}` }))
    })
    for (const { name, operation } of operations) {
      const replies = document
        ?.operations()
        .get(operation)
        ?.reply()
        ?.messages()
        .all()
        .map((message) => message.name())
      expect(replies).toEqual(
        expect.arrayContaining([...commands[name].answers, 'StepPending', 'Undone', 'StepFailed']),
      )
    }
  })
})

it.each(messages)('the example of $name keeps its contract', ({ schema, example }) => {
  expect(check(schema, example)).toMatchObject({ ok: true })
})

describe('the check', () => {
  let copy = ''
  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), 'countermand-generate-'))
    for (const folder of ['docs', 'deploy/grafana'])
      await cp(join(root, folder), join(copy, folder), { recursive: true })
  })
  afterEach(() => rm(copy, { recursive: true, force: true }))

  it('passes for the files of this repository', async () => {
    expect(await runCheck(root)).toEqual({ code: 0, stderr: '' })
  })

  it('fails when the document is stale, and says so', async () => {
    await appendFile(join(copy, 'docs/asyncapi.yaml'), 'x-more: true\n')
    const { code, stderr } = await runCheck(copy)
    expect(code).toBe(1)
    expect(stderr).toBe('expected docs/asyncapi.yaml to be as generated; run npm run generate\n')
  })

  it('fails when a schema is missing or belongs to no message any more', async () => {
    await rm(join(copy, 'docs/schemas/order.placed.v1.schema.json'))
    await writeFile(join(copy, 'docs/schemas/order.burnt.v1.schema.json'), '{}')
    const { code, stderr } = await runCheck(copy)
    expect(code).toBe(1)
    expect(stderr).toContain('order.placed.v1.schema.json')
    expect(stderr).toContain('order.burnt.v1.schema.json')
  })
})
