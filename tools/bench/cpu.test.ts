import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { cpuBetween, readCpu, usedByTree, usedOfPs, usedOfStat } from './cpu.ts'

describe('usedOfStat', () => {
  it('adds up user, system and ended children, whatever the name looks like', () => {
    const line = '42 (pg: (idle) 7) S 7 42 42 0 -1 4194560 900 0 0 0 150 50 20 5 20 0 1 0 99 1 1'
    expect(usedOfStat(line)).toEqual({ pid: 42, parent: 7, cpuMs: 2250 })
  })
})

describe('usedOfPs', () => {
  it('reads minutes, hours and days', () => {
    expect(usedOfPs('   42     7   0:01.50')).toEqual({ pid: 42, parent: 7, cpuMs: 1500 })
    expect(usedOfPs('42 7 01:02:03')).toEqual({ pid: 42, parent: 7, cpuMs: 3_723_000 })
    expect(usedOfPs('42 7 2-00:00:01')).toEqual({ pid: 42, parent: 7, cpuMs: 172_801_000 })
  })
})

describe('usedByTree', () => {
  it('counts what is below a process, and nothing beside it', () => {
    const table = [
      { pid: 1, parent: 0, cpuMs: 1000 },
      { pid: 2, parent: 1, cpuMs: 10 },
      { pid: 3, parent: 2, cpuMs: 5 },
      { pid: 4, parent: 1, cpuMs: 7 },
    ]
    expect(usedByTree(table, 2)).toBe(15)
    expect(usedByTree(table, 9)).toBe(0)
  })
})

describe('readCpu', () => {
  it('sees a process work', async () => {
    const child = spawn(process.execPath, ['-e', 'for (;;);'])
    const pid = child.pid ?? 0
    const before = await readCpu({ child: [pid] })
    const used = async () => cpuBetween(before, await readCpu({ child: [pid] })).child
    try {
      await expect.poll(used, { timeout: 55_000 }).toBeGreaterThan(50)
    } finally {
      child.kill()
    }
  })
})
