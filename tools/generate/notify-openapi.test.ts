import { readFile } from 'node:fs/promises'
import { shipmentStatus } from '@countermand/contracts'
import { senders } from '@countermand/gateway/senders/index.ts'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

const textOf = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')

const described = z.object({
  paths: z.object({
    '/notify/{account}': z.object({ post: z.object({ responses: z.record(z.string(), z.unknown()) }) }),
  }),
})

it('the document of what is posted to the gateway has every answer that the gateway gives, and no other', async () => {
  const { paths } = described.parse(parse(await textOf('docs/notify.openapi.yaml')))
  const code = (
    await Promise.all(['receive', 'server'].map((file) => textOf(`services/gateway/receive/${file}.ts`)))
  ).join()
  const given = [...code.matchAll(/new Turned\((\d{3})|^ {2}\w+: (\d{3}),/gm)].map(
    ([, turned, answered]) => turned ?? answered,
  )
  // Node's own, when the limits of time are over.
  expect([...new Set([...given, '408'])].toSorted()).toEqual(
    Object.keys(paths['/notify/{account}'].post.responses).toSorted(),
  )
})

it('it says how each sender signs, and where a parcel may be', async () => {
  const text = await textOf('docs/notify.openapi.yaml')
  for (const provider of senders.keys()) expect(text).toContain(`Of \`${provider}\`:`)
  for (const status of shipmentStatus.options) expect(text).toContain(`- ${status}\n`)
})
