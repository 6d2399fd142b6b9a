import { keptIn } from '../kept.ts'
import { type Ports, serve, standIn } from '../serve.ts'
import { createStandIn } from './stand-in.ts'

/** `node tools/stand-ins/ups/main.ts`, on ports and with credentials of one's own choice. */
const options = standIn('ups')
  .option('--client-id <id>', 'of the app', 'stand-in')
  .option('--client-secret <secret>', 'of the app', 'a secret for trying things out')
  .option('--turns-after <ms>', 'from when on a parcel comes back that is to', '7200000')
  .parse()
  .opts<Ports & { clientId: string; clientSecret: string; turnsAfter: string }>()

const ways = { turnsAfterMs: Number(options.turnsAfter), kept: keptIn(options.book) }
await serve(createStandIn(options, undefined, undefined, ways), options)
