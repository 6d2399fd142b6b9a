import type { Server } from 'node:http'
import type { Command } from 'commander'
import { program } from '../terminal/program.ts'
import { listen } from './control.ts'

/** The ports of a stand-in; `0`, which is what they are unless somebody says, is any that is free. `book`: the file that its book is kept in. */
export interface Ports {
  readonly port: string
  readonly controlPort: string
  readonly book?: string
}

/** A stand-in as a process of its own, with its options to be added. */
export const standIn = (provider: string): Command =>
  program(`${provider} stand-in`, `Stands for ${provider} on this machine, and says where it listens, as JSON.`)
    .option('--port <port>', 'of its API', '0')
    .option('--control-port <port>', 'by which its book is read, and told what goes wrong', '0')
    .option('--book <file>', 'that keeps what it knows; without one it forgets all of it when it ends')
    .addHelpText('after', '\nExit codes: 0 ended by SIGTERM, 2 wrong use.')

/** Listens until it is told to end. */
export const serve = async (servers: { readonly api: Server; readonly control: Server }, ports: Ports) => {
  const port = await listen(servers.api, Number(ports.port))
  console.log(JSON.stringify({ port, control: await listen(servers.control, Number(ports.controlPort)) }))
  process.once('SIGTERM', () => process.exit(0))
}
