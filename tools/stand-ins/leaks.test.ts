import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { inLogs } from './leaks.ts'

it('says in which log a secret is, and not which it is', async () => {
  const home = await mkdtemp(join(tmpdir(), 'leaks-'))
  await mkdir(join(home, 'logs'))
  await writeFile(join(home, 'logs', 'payment.log'), 'Bearer sk_planted\n')
  await writeFile(join(home, 'logs', 'order.log'), 'Bearer [secret]\n')
  const found = await inLogs(['sk_planted', 'whsec_planted'], home)
  expect(found).toEqual(['expected no secret in logs/payment.log, got one'])
  expect(await inLogs(['sk_other'], home)).toEqual([])
  await rm(home, { recursive: true })
})
