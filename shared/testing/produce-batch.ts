import { once } from 'node:events'
import { connect } from 'node:net'

const text = (value: string): Buffer => {
  const length = Buffer.alloc(2)
  length.writeInt16BE(Buffer.byteLength(value))
  return Buffer.concat([length, Buffer.from(value)])
}
const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** Kafka's Produce request, version 7: the oldest that takes every compression. */
const request = (topic: string, partition: number, batch: Buffer): Buffer => {
  const [produce, version, anyId, noTransaction, allReplicas] = [int16(0), int16(7), int32(1), int16(-1), int16(-1)]
  const one = int32(1)
  const body = [produce, version, anyId, text('test'), noTransaction, allReplicas, int32(10_000)]
  const content = Buffer.concat([...body, one, text(topic), one, int32(partition), int32(batch.length), batch])
  return Buffer.concat([int32(content.length), content])
}

/** Gives the broker a record batch byte for byte, as another producer has written it. Rejects when the broker does not take it. */
export const produceBatch = async (
  broker: string,
  to: { readonly topic: string; readonly partition: number },
  batch: Buffer,
): Promise<void> => {
  const [host = '', port = ''] = broker.split(':')
  const socket = connect(Number(port), host)
  try {
    await once(socket, 'connect')
    socket.write(request(to.topic, to.partition, batch))
    let answer = Buffer.alloc(0)
    while (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0))
      answer = Buffer.concat([answer, (await once(socket, 'data'))[0]])
    const error = answer.readInt16BE(4 + 4 + 4 + 2 + Buffer.byteLength(to.topic) + 4 + 4)
    if (error !== 0) throw new Error(`expected the broker to take the batch, got error ${error}`)
  } finally {
    socket.destroy()
  }
}
