import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** What V8 writes with `--cpu-prof`, as far as it is read here. */
const cpuProfile = z.object({
  nodes: z.array(z.object({ id: z.number(), callFrame: z.object({ functionName: z.string(), url: z.string() }) })),
  samples: z.array(z.number()),
  /** Microseconds. */
  timeDeltas: z.array(z.number()),
})
export type CpuProfile = z.infer<typeof cpuProfile>

/** Whose code a frame is: an npm package, a workspace of ours, Node itself, or what V8 says in brackets. */
export const ownerOf = ({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string => {
  if (functionName.startsWith('(')) return functionName.slice(1, -1)
  const inPackage = url
    .split('/node_modules/')
    .at(-1)
    ?.match(/^(@[^/]+\/[^/]+|[^/]+)\//)?.[1]
  if (url.includes('/node_modules/')) return inPackage ?? 'npm'
  if (url.startsWith('node:') || url === '') return 'node'
  const ours = url.match(/\/(shared|services|workflows|tools)\/([^/]+)\//)
  return ours === null ? 'workflow bundle' : `${ours[1]}/${ours[2]}`
}

/** Milliseconds on the processor by owner, most first; idle time is left out. */
export const timeByOwner = ({ nodes, samples, timeDeltas }: CpuProfile): readonly (readonly [string, number])[] => {
  const owners = new Map(nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame)]))
  const totals = new Map<string, number>()
  for (const [place, sample] of samples.entries()) {
    const owner = owners.get(sample) ?? 'unknown'
    totals.set(owner, (totals.get(owner) ?? 0) + (timeDeltas[place] ?? 0) / 1000)
  }
  totals.delete('idle')
  return [...totals].toSorted(([, a], [, b]) => b - a)
}

/** V8 names a profile `CPU.<date>.<time>.<pid>.<thread>.<number>.cpuprofile`; thread 0 is the main one. */
const placeOf = (file: string) => {
  const [, , , pid, thread] = file.split('.')
  return { pid: Number(pid), thread: Number(thread) }
}

/** One line for each thread of each process: whose code took its time. Call it when the processes have ended. */
export const describeProfiles = async (
  directory: string,
  pids: Readonly<Record<string, readonly number[]>>,
): Promise<string[]> => {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.cpuprofile')).toSorted()
  const lines = files.map(async (file) => {
    const { pid, thread } = placeOf(file)
    const name = Object.entries(pids).find(([, some]) => some.includes(pid))?.[0]
    if (name === undefined) return []
    const times = timeByOwner(cpuProfile.parse(JSON.parse(await readFile(join(directory, file), 'utf8'))))
    const total = times.reduce((sum, [, ms]) => sum + ms, 0)
    const shares = times.slice(0, 8).map(([owner, ms]) => `${owner} ${Math.round((100 * ms) / total)}%`)
    const which = thread === 0 ? name : `${name}, thread ${thread}`
    return [`${which}: ${(total / 1000).toFixed(1)} s: ${shares.join(', ')}`]
  })
  return (await Promise.all(lines)).flat()
}
