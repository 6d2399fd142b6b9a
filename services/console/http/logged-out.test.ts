import { expect, it } from 'vitest'
import { loggedOutIn } from './logged-out.ts'
import { Problem } from './problems.ts'

const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }

it('signs out a session, or all of somebody, as the token says', () => {
  expect(loggedOutIn({ sub: 'ann', sid: 's1', events, iat: 1 })).toEqual({ subject: 'ann', sid: 's1' })
  expect(loggedOutIn({ sid: 's1', events })).toEqual({ sid: 's1' })
  expect(loggedOutIn({ sub: 'ann', events })).toEqual({ subject: 'ann' })
})

it('signs out nobody by a token that was made for something else', () => {
  for (const claims of [
    { sub: 'ann' },
    { sub: 'ann', events: {} },
    { sub: 'ann', events, nonce: 'n' },
    { events },
    { sub: '', events },
    { sub: 'ann', events: { 'http://schemas.openid.net/event/backchannel-logout': true } },
    undefined,
  ])
    expect(() => loggedOutIn(claims), JSON.stringify(claims)).toThrow(Problem)
})
