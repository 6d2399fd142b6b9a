import { keptIn } from '../kept.ts'
import { type Ports, serve, standIn } from '../serve.ts'
import { type Credentials, createStandIn, newCredentials } from './stand-in.ts'

/** `node tools/stand-ins/wechat-pay/main.ts`, on ports and with credentials of one's own choice. */
const { credentials } = newCredentials()
const options = standIn('wechat-pay')
  .option('--mchid <number>', 'of the merchant that asks', credentials.mchid)
  .option('--serial <serial>', 'of its API certificate', credentials.serial)
  .option('--public-key <base64>', 'by which its requests are checked', credentials.publicKey)
  .option('--api-v3-key <key>', 'by which it is told, of 32 characters', credentials.apiV3Key)
  .parse()
  .opts<Ports & Credentials>()

await serve(createStandIn(options, keptIn(options.book)), options)
