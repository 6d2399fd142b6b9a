import { describe, expect, it } from 'vitest'
import { ownerOf, timeByOwner } from './profile.ts'

const frame = (functionName: string, url: string) => ({ functionName, url })

describe('ownerOf', () => {
  it('tells packages, our workspaces, Node and V8 apart', () => {
    expect(ownerOf(frame('encode', 'file:///x/node_modules/kafkajs/src/protocol/encoder.js'))).toBe('kafkajs')
    expect(ownerOf(frame('run', 'file:///x/node_modules/@temporalio/worker/lib/worker.js'))).toBe('@temporalio/worker')
    expect(ownerOf(frame('take', 'file:///x/shared/kafka/publisher.ts'))).toBe('shared/kafka')
    expect(ownerOf(frame('emit', 'node:events'))).toBe('node')
    expect(ownerOf(frame('(garbage collector)', ''))).toBe('garbage collector')
  })
})

describe('timeByOwner', () => {
  it('adds up what each sample took, most first, without idle time', () => {
    const nodes = [
      { id: 1, callFrame: frame('(idle)', '') },
      { id: 2, callFrame: frame('emit', 'node:events') },
      { id: 3, callFrame: frame('encode', 'file:///x/node_modules/kafkajs/src/encoder.js') },
    ]
    const profile = { nodes, samples: [1, 2, 3, 3], timeDeltas: [9_000, 1_000, 2_000, 500] }
    expect(timeByOwner(profile)).toEqual([
      ['kafkajs', 2.5],
      ['node', 1],
    ])
  })
})
