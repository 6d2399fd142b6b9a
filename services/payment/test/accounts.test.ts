import { describe, expect, it } from 'vitest'
import { accountOf } from '../channels/accounts.ts'
import { ChannelError } from '../channels/channel.ts'
import { type AccountFor, channels } from '../channels/index.ts'
import { card } from './given.ts'
import { toldChannel } from './told-channel.ts'
import { createWorld } from './world.ts'

const card1 = card('t1', 100)

/** A payment service whose merchant works with the account that is chosen last. */
const given = (first?: string) => {
  let chosen = first
  const { channel, tell } = toldChannel()
  const accounts: AccountFor = (route) =>
    route === 'sandbox-card' && chosen !== undefined
      ? { account: chosen, isNamed: true }
      : { account: `${route}/none`, isNamed: false }
  const world = createWorld({ ...channels({ sandbox: channel }), 'sandbox-card': channel }, undefined, accounts)
  const next = () => [...world.tasks.values()].map(({ party, payload }) => [party, Object(payload).call.account])
  const run = async (what: Parameters<typeof tell>[0]) => {
    tell(what)
    for (const id of [...world.tasks.keys()]) (await world.start(id))()
  }
  return {
    ...{ ...world, next, run },
    choose: (account: string) => {
      chosen = account
    },
  }
}

describe('a payment', () => {
  it('is given back with the account that it was paid with, whatever is chosen later, and has its lane', () => {
    const world = given('acc-1')
    world.accept([card1])
    world.choose('acc-2')
    world.refund()
    expect(world.next()).toEqual([['acc-1', 'acc-1']])
  })

  it('takes the account of the day where none was named when it was heard of, and keeps it once it was asked with', async () => {
    const world = given()
    world.accept([card1])
    world.choose('acc-1')
    world.refund()
    expect(world.next()).toEqual([['acc-1', 'acc-1']])
    world.choose('acc-2')
    await world.run('before-anything')
    expect(world.next()).toEqual([['acc-1', 'acc-1']])
    expect(world.state()?.tenders[0]?.account).toBe('acc-1')
    // Who hears of the refund before its channel is called knows whose notifications are about it.
    expect(world.published).toMatchObject([{ type: 'refund.submitted.v1', data: { account: 'acc-1' } }])
  })

  it('waits for a person where there is no account, and goes on with the next round once there is one', async () => {
    const world = given()
    world.accept([card1])
    world.refund()
    expect(world.next()).toEqual([['sandbox-card/none', 'sandbox-card/none']])
    await world.run('setup')
    expect([world.replies.at(-1)?.type, world.tasks.size]).toEqual(['StepFailed', 0])
    world.choose('acc-1')
    world.refund({ round: 2 })
    expect(world.next()).toEqual([['acc-1', 'acc-1']])
    await world.run('succeeded')
    expect(world.replies.at(-1)).toMatchObject({ type: 'RefundSettled', round: 2 })
  })
})

describe('a channel without its account', () => {
  const found = { name: 'acc-1', provider: 'stripe', settings: {}, secrets: new Map() }
  const accounts = { find: (name: string) => (name === 'acc-1' ? found : undefined), nameFor: () => undefined }
  const failureOf = (provider: string, account: string, known = accounts) => {
    try {
      return accountOf(provider, { account, merchantId: 'mer-3' }, known)
    } catch (error) {
      return error
    }
  }

  it('calls nobody, and says who lacks which', () => {
    for (const [provider, account, words] of [
      ['stripe', 'stripe/none', 'no account at stripe for merchant mer-3: name one in ACCOUNTS_FILE'],
      ['stripe', 'acc-2', 'account acc-2 at stripe is not in ACCOUNTS_FILE'],
      ['paypal', 'acc-1', 'account acc-1 at paypal is not in ACCOUNTS_FILE'],
    ] as const) {
      const failure = failureOf(provider, account)
      expect(failure).toEqual(new ChannelError(words, 'before-anything', { trouble: 'setup' }))
      expect(failure).toMatchObject({ reached: 'before-anything', facts: { trouble: 'setup' } })
    }
    expect(failureOf('stripe', 'acc-1')).toBe(found)
  })
})
