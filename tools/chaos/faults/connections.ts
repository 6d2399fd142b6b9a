import type { PartName } from '../../stack/part.ts'
import type { Road } from '../../stack/toxiproxy.ts'
import type { Fault } from './fault.ts'

const parts = ['kafka', 'postgres', 'temporal'] as const satisfies readonly PartName[]
const names: Readonly<Record<PartName, string>> = { kafka: 'Kafka', postgres: 'PostgreSQL', temporal: 'Temporal' }

const badRoads = (
  name: string,
  about: string,
  holdMs: number,
  which: readonly PartName[],
  spoil: (road: Road) => Promise<void>,
): Fault => ({
  name,
  about,
  holdMs,
  begin: async ({ roads }) => {
    await Promise.all(which.map((part) => spoil(roads[part])))
    return () => roads.mend()
  },
})

export const connections: readonly Fault[] = [
  ...parts.map((part) =>
    badRoads(
      `cut-${part}`,
      `every connection to ${names[part]} breaks, new ones are refused for 4 s`,
      4_000,
      [part],
      (road) => road.cut(),
    ),
  ),
  ...parts.map((part) =>
    badRoads(
      `hang-${part}`,
      `connections to ${names[part]} stay open and carry nothing for 12 s, then break`,
      12_000,
      [part],
      (road) => road.hang(),
    ),
  ),
  badRoads('delay', 'every connection is slower by 150 ± 100 ms each way, for 8 s', 8_000, parts, (road) =>
    road.delay(150, 100),
  ),
  badRoads('slow', 'every connection carries 40 kB a second each way, for 8 s', 8_000, parts, (road) => road.slow(40)),
]
