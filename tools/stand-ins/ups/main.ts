import { serve, standIn } from '../serve.ts'
import { createStandIn } from './stand-in.ts'

/** `node tools/stand-ins/ups/main.ts`, on ports and with credentials of one's own choice. */
const options = standIn('ups')
  .option('--client-id <id>', 'of the app', 'stand-in')
  .option('--client-secret <secret>', 'of the app', 'a secret for trying things out')
  .parse()
  .opts<{ port: string; controlPort: string; clientId: string; clientSecret: string }>()

await serve(createStandIn(options), options)
