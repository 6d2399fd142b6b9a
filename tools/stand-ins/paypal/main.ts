import { keptIn } from '../kept.ts'
import { type Ports, serve, standIn } from '../serve.ts'
import { createStandIn } from './stand-in.ts'

/** `node tools/stand-ins/paypal/main.ts`, on ports and with credentials of one's own choice. */
const options = standIn('paypal')
  .option('--client-id <id>', 'of the app that asks', 'stand-in')
  .option('--client-secret <secret>', 'that it takes', 'stand-in')
  .option('--payer-id <id>', 'whose payments they are, where the app is a platform’s')
  .parse()
  .opts<Ports & { clientId: string; clientSecret: string; payerId?: string }>()

const { clientId, clientSecret, payerId } = options
const credentials = { clientId, clientSecret, ...(payerId !== undefined && { payerId }) }
await serve(createStandIn(credentials, keptIn(options.book)), options)
