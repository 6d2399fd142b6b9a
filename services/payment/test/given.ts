import { type Channels, channels, ofEachRoute } from '../channels/index.ts'
import { refundIdOf } from '../decide/next-refund.ts'
import { type Told, toldChannel } from './told-channel.ts'
import { createWorld, type World } from './world.ts'

type Tenders = Parameters<World['accept']>[0]

export const card = (tenderId: string, amount: number) =>
  ({ tenderId, channel: 'sandbox-card', amount, paymentRef: `pay_${tenderId}` }) as const

/** Refunds have names in tests, as they follow one another for a request and tender: `req-1/t1`, `req-1/t1/2`. */
export const refundNamed = (name: string): string => refundIdOf('ord-1', name)

const play = (told: ReturnType<typeof toldChannel>, all: Channels, tenders?: Tenders) => {
  const world = createWorld(all)
  if (tenders !== undefined) world.accept(tenders)
  const refundOf = (taskId: string) => world.state()?.refunds.find((each) => taskId.includes(each.refundId))
  return {
    ...world,
    book: told.book,
    tell: told.tell,
    /** Runs the task of this kind, or that of a tender or a refund named, with what the channel is told. */
    run: async (kind: 'call' | 'poll' | 'overdue', what: Told = 'succeeded', which = '') => {
      const isMeant = (id: string) => {
        const refund = refundOf(id)
        return which === '' || refund?.tenderId === which || refund?.refundId === refundNamed(which)
      }
      const id = [...world.tasks.keys()].find((each) => each.startsWith(kind) && isMeant(each))
      if (id === undefined) throw new Error(`expected a task to ${kind}, got ${[...world.tasks.keys()].join()}`)
      told.tell(what)
      const finish = await world.start(id)
      finish()
    },
    /** What the channel itself comes to, whenever it is asked. */
    becomes: (name: string, state: 'succeeded' | 'refused' | 'key-dead' | 'reversed') => {
      const booked = told.book.get(refundNamed(name))
      if (booked === undefined)
        throw new Error(`expected a refund ${name} in the book, got ${[...told.book.keys()].join()}`)
      booked.state = state
    },
    stateOf: (name: string) =>
      world.state()?.refunds.find((each) => each.refundId === refundNamed(name))?.progress.state,
    calls: () => [...world.tasks.keys()].filter((id) => id.startsWith('call')),
    /** What events say of money that moved after a person had decided. */
    means: () =>
      world.published.flatMap(({ type, data }) =>
        data.afterClosing ? [[type, data.tenderId, data.afterClosing]] : [],
      ),
    last: () => world.replies.at(-1),
    types: () => world.replies.map((each) => each.type),
  }
}

/** A payment service that has taken an order with these tenders, and whose sandbox does as it is told. */
export const given = (...tenders: Tenders) => {
  const told = toldChannel()
  const { channel } = told
  return play(told, { ...channels({ sandbox: channel }), 'sandbox-card': channel, 'sandbox-wallet': channel }, tenders)
}

const toldEverywhere = (tenders?: Tenders) => {
  const told = toldChannel()
  return play(told, { ...channels({ sandbox: told.channel }), ...ofEachRoute(() => told.channel) }, tenders)
}

/** The same, whose every channel does as it is told: also store credit and bank transfers. */
export const givenToldEverywhere = (...tenders: Tenders) => toldEverywhere(tenders)

/** One whose sandbox settles refunds so late that it is looked at every ten minutes. */
export const givenSlowSandbox = (...tenders: Tenders) => {
  const told = toldChannel()
  const slow = { ...told.channel, pollAfterMs: () => 600_000 }
  return play(told, { ...channels({ sandbox: slow }), ...ofEachRoute(() => slow) }, tenders)
}

/** One that has not heard of the order. */
export const givenNoOrder = () => toldEverywhere()
