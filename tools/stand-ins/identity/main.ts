import { once } from 'node:events'
import { program } from '../../terminal/program.ts'
import { createIdentity } from './stand-in.ts'

/** `node tools/stand-ins/identity/main.ts`, for a console that is elsewhere. */
interface Options {
  readonly port: string
  readonly clientId: string
  readonly staff: string
}
const options = program(
  'identity stand-in',
  'Stands for an identity provider (OpenID Connect) on this machine: whoever says that they are somebody is believed.',
)
  .requiredOption('--port <port>', 'on which it listens')
  .requiredOption('--staff <url>', 'how members of staff reach the console, without a path')
  .option('--client-id <id>', 'how the console is known', 'countermand')
  .addHelpText(
    'after',
    '\nIts client’s secret is in IDENTITY_SECRET. Exit codes: 0 ended by SIGTERM, 1 no secret, 2 wrong use.',
  )
  .parse()
  .opts<Options>()

const secret = process.env.IDENTITY_SECRET
if (!secret) throw new Error('expected the secret of the console in IDENTITY_SECRET')
const server = createIdentity({
  issuer: `http://127.0.0.1:${options.port}`,
  client: {
    ...{ id: options.clientId, secret },
    ...{ callback: new URL('/auth/callback', options.staff).href, home: new URL('/', options.staff).href },
  },
})
server.listen(Number(options.port), '127.0.0.1')
await once(server, 'listening')
console.log(JSON.stringify({ issuer: `http://127.0.0.1:${options.port}` }))
process.once('SIGTERM', () => process.exit(0))
