import { keptIn } from '../kept.ts'
import { type Ports, serve, standIn } from '../serve.ts'
import { type Credentials, createStandIn, newCredentials } from './stand-in.ts'

/** `node tools/stand-ins/alipay/main.ts`, on ports and with credentials of one's own choice. */
const { credentials } = newCredentials()
const options = standIn('alipay')
  .option('--app-id <number>', 'of the app that asks', credentials.appId)
  .option('--seller-id <number>', 'whom it sells for', credentials.sellerId)
  .option('--public-key <base64>', 'by which its requests are checked', credentials.publicKey)
  .parse()
  .opts<Ports & Credentials>()

await serve(createStandIn(options, keptIn(options.book)), options)
