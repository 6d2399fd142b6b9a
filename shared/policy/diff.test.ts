import { expect, it } from 'vitest'
import { diffCells, diffFacts } from './diff.ts'
import { loadLibrary } from './files.ts'
import { versionOf } from './library.ts'
import { someFacts } from './test/given.ts'

const library = loadLibrary()
const at = { contract: '2026-11-01T00:00:00Z', request: '2026-11-01T00:00:00Z', event: '2026-11-01T00:00:00Z' }
const [de, it_, none] = ['de', 'it', 'none'].map((id) => {
  const pack = versionOf(library, id, at)
  if (pack === undefined) throw new Error(`expected a pack ${id}`)
  return pack
})

it('says which cells another version decides otherwise, and which facts', () => {
  if (de === undefined || it_ === undefined || none === undefined) throw new Error('expected three packs')
  expect(diffCells(de, de)).toEqual([])
  const lost = diffCells(de, none).find(({ what }) => what === 'ground')
  expect(lost).toMatchObject({ from: 'right', to: 'request' })
  expect(lost?.cells).toBeGreaterThan(4_000)
  const atTheDoor = { ...someFacts, salesChannel: 'doorstep' as const }
  const changes = diffFacts(library, { from: de, to: it_ }, [
    { id: 'r1', known: atTheDoor },
    { id: 'r2', known: someFacts },
  ])
  expect(changes).toEqual([
    {
      id: 'r1',
      changes: [
        { what: 'rules', from: 'withdrawal', to: 'visit' },
        { what: 'until', from: '2026-11-16T23:00:00Z', to: '2026-12-02T23:00:00Z' },
      ],
    },
  ])
})
