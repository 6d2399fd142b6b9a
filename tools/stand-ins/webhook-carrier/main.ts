import { keptIn } from '../kept.ts'
import { type Ports, serve, standIn } from '../serve.ts'
import { createStandIn } from './stand-in.ts'

const secret = `whsec_${Buffer.from('a carrier for trying things out').toString('base64')}`

/** `node tools/stand-ins/webhook-carrier/main.ts`, on ports and with a secret of one's own choice. */
const options = standIn('webhook-carrier')
  .option('--secret <secret>', 'by which requests are signed, whsec_…', secret)
  .parse()
  .opts<Ports & { secret: string }>()

await serve(createStandIn(options.secret, undefined, undefined, keptIn(options.book)), options)
