import { keptIn } from '../kept.ts'
import { type Ports, serve, standIn } from '../serve.ts'
import { createStandIn } from './stand-in.ts'

/** `node tools/stand-ins/stripe/main.ts`, on ports and with a key of one's own choice. */
const options = standIn('stripe')
  .option('--api-key <key>', 'that it takes', 'sk_test_stand_in')
  .option('--connected-account <account>', 'whose payments they are, acct_…')
  .parse()
  .opts<Ports & { apiKey: string; connectedAccount?: string }>()

const { apiKey, connectedAccount } = options
const credentials = { apiKey, ...(connectedAccount !== undefined && { connectedAccount }) }
await serve(createStandIn(credentials, keptIn(options.book)), options)
