import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type CrewOptions, type StandInProcess, startStandIn } from '../crew.ts'

/** The bank as a process, and the two folders that it shares with the shop. */
export interface Bank extends Pick<StandInProcess, 'kill' | 'restart' | 'stop' | 'control'> {
  readonly name: 'bank'
  readonly outgoing: string
  readonly incoming: string
}

export const startBank = async (options: Omit<CrewOptions, 'notify'>): Promise<Bank> => {
  const [outgoing, incoming] = [join(options.home, 'bank', 'outgoing'), join(options.home, 'bank', 'incoming')]
  for (const folder of [outgoing, incoming, join(options.home, 'stand-ins'), join(options.home, 'logs')])
    await mkdir(folder, { recursive: true })
  const { part, control } = await startStandIn('bank', ['--outgoing', outgoing, '--incoming', incoming], options)
  return { name: 'bank', outgoing, incoming, control, kill: part.kill, restart: part.restart, stop: part.stop }
}
