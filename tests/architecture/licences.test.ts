import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { root } from './cruise.ts'

/** What our processes are made of besides our own code, and under which licences: whoever uses Countermand has to keep to them too. */

const licence = z.object({
  license: z.object({ id: z.string().optional(), name: z.string().optional() }).optional(),
  expression: z.string().optional(),
})
const bill = z.object({
  components: z.array(
    z.object({ name: z.string(), version: z.string(), licenses: z.array(licence).default([]) }).transform((part) => ({
      part: `${part.name}@${part.version}`,
      licence: part.licenses
        .map(({ license, expression }) => expression ?? license?.id ?? license?.name ?? '')
        .join(', '),
    })),
  ),
})

/** Those that ask for no more than to be named. */
const permissive = ['MIT', 'MIT-0', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD', 'BlueOak-1.0.0']
/** Written otherwise than the list of SPDX has it: looked at by hand, in the package itself. */
const lookedAt: Readonly<Record<string, string>> = { 'nub@0.0.0': 'MIT/X11' }

const isPermissive = ({ part, licence }: { readonly part: string; readonly licence: string }): boolean =>
  Object.hasOwn(lookedAt, part) || licence.split(/ OR | or /).some((each) => permissive.includes(each))

const components = async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], { cwd: root, maxBuffer: 2 ** 25 })
  return bill.parse(JSON.parse(stdout)).components
}

it('what is delivered is under licences that ask for no more than to be named', async () => {
  const found = await components()
  expect(found.length).toBeGreaterThan(100)
  expect(found.filter((each) => !isPermissive(each))).toEqual([])
})

it('what somebody looked at by hand is still among it', async () => {
  const found = (await components()).map(({ part }) => part)
  expect(Object.keys(lookedAt).filter((each) => !found.includes(each))).toEqual([])
})

it.each(['GPL-3.0-only', 'AGPL-3.0-only', 'BUSL-1.1', '', 'UNLICENSED'])('would notice %s', (licence) =>
  expect(isPermissive({ part: 'some@1.0.0', licence })).toBe(false),
)
