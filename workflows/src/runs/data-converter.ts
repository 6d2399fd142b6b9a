import { fileURLToPath } from 'node:url'

/** How clients and workers read payloads: what cannot be read throws nowhere. */
export const dataConverter = {
  payloadConverterPath: fileURLToPath(new URL('../protocol/payload-converter.ts', import.meta.url)),
}
