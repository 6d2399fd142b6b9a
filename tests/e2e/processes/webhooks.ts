import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { z } from 'zod'

interface Webhook {
  readonly id: string
  readonly at: string
  readonly signature: string
  readonly body: string
  readonly type: string
  readonly orderId: string | undefined
}

/** A shop's own server, which verifies by hand what it is told. */
export const listenForWebhooks = async () => {
  const came: Webhook[] = []
  const told = z.object({ type: z.string(), data: z.object({ orderId: z.string().optional() }) })
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { type, data } = told.parse(JSON.parse(body))
    const header = (name: string) => String(request.headers[`webhook-${name}`])
    came.push({
      id: header('id'),
      at: header('timestamp'),
      signature: header('signature'),
      body,
      type,
      ...{ orderId: data.orderId },
    })
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { url: `http://127.0.0.1:${address.port}/hooks`, came, close }
}

export const signatureOf = ({ id, at, body }: Webhook, secret: string): string =>
  `v1,${createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'))
    .update(`${id}.${at}.${body}`)
    .digest('base64')}`
