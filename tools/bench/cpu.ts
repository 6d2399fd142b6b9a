import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** What a process has used so far. */
interface Used {
  readonly pid: number
  readonly parent: number
  /** Milliseconds on a processor, its own and those of its children that ended. */
  readonly cpuMs: number
}

/** Linux counts in hundredths of a second, whatever its kernel's own tick. */
const msPerTick = 10

/** A line of `/proc/<pid>/stat`. The name, in brackets, may hold spaces and brackets. */
export const usedOfStat = (line: string): Used => {
  const pid = Number.parseInt(line, 10)
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const numberAt = (field: number) => Number(fields[field - 3])
  // Fields 14 to 17 of proc(5): utime, stime, cutime, cstime; 4 is the parent.
  const ticks = numberAt(14) + numberAt(15) + numberAt(16) + numberAt(17)
  return { pid, parent: numberAt(4), cpuMs: ticks * msPerTick }
}

/** A line of `ps -axo pid=,ppid=,time=`: the time is `[days-][hours:]minutes:seconds`. */
export const usedOfPs = (line: string): Used => {
  const [pid = '', parent = '', time = ''] = line.trim().split(/\s+/)
  const [clock = '', days = '0'] = time.split('-').toReversed()
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return { pid: Number(pid), parent: Number(parent), cpuMs: (Number(days) * 86_400 + seconds) * 1000 }
}

const fromProc = async (): Promise<Used[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  // A process may end while the list is read.
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)))
  return lines.flatMap((line) => (line === undefined ? [] : [usedOfStat(line)]))
}

const fromPs = async (): Promise<Used[]> => {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,time='])
  return stdout.trim().split('\n').map(usedOfPs)
}

const readAll = (): Promise<Used[]> => (process.platform === 'linux' ? fromProc() : fromPs())

/** The process and everything below it: PostgreSQL has a process for each connection. */
export const usedByTree = (table: readonly Used[], root: number): number => {
  const own = table.filter(({ pid }) => pid === root).reduce((sum, { cpuMs }) => sum + cpuMs, 0)
  return table.filter(({ parent }) => parent === root).reduce((sum, { pid }) => sum + usedByTree(table, pid), own)
}

export type CpuByName = Readonly<Record<string, number>>

/**
 * Milliseconds on a processor that each named process has used so far, with its children; several processes of one name are added up.
 * `bench` is this process without its children, which are the others.
 */
export const readCpu = async (pids: Readonly<Record<string, readonly number[]>>): Promise<CpuByName> => {
  const table = await readAll()
  const { user, system } = process.cpuUsage()
  const others = Object.entries(pids).map(
    ([name, roots]) => [name, roots.reduce((sum, pid) => sum + usedByTree(table, pid), 0)] as const,
  )
  return { ...Object.fromEntries(others), bench: (user + system) / 1000 }
}

export const cpuBetween = (before: CpuByName, after: CpuByName): CpuByName =>
  Object.fromEntries(Object.entries(after).map(([name, used]) => [name, used - (before[name] ?? 0)]))
