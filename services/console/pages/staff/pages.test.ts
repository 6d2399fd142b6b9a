import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { staffAround } from '../../test/around.ts'
import { faultsOf, mainTextOf } from '../../test/faults.ts'
import { everyStaffPage } from '../../test/staff-pages.ts'
import { documentOf } from '../kit/page.ts'

describe.each(['en', 'zh-CN', 'de', 'ja', 'en-XA', 'ar-XB'] as const)('in %s', (language) => {
  it.each(Object.entries(everyStaffPage))(
    'the page %s is a whole document with nothing of others in it but text',
    (_, make) => {
      const around = staffAround(language)
      const text = documentOf(make(around), around)
      expect(faultsOf(text)).toEqual([])
      expect(text.match(/<h1>/g)).toHaveLength(1)
      expect(text).not.toContain('alert(1)</script>')
      expect(text).not.toMatch(/undefined|NaN|\[object|Invalid Date| style=| on\w+=/)
      expect(gzipSync(text).length).toBeLessThan(14_000)
      const forms = text.match(/<form [^>]*method="post"[^>]*>/g) ?? []
      expect(text.match(/name="form-key"/g) ?? []).toHaveLength(forms.length)
    },
  )
})

const textOf = (name: string) => {
  const around = staffAround('en')
  const make = everyStaffPage[name] ?? expect.fail(name)
  return mainTextOf(documentOf(make(around), around))
}

describe('what staff reads', () => {
  it('is the deed, how many and how much on the button, by currency (R1)', () => {
    expect(textOf('decide.approve')).toContain('Approve 3 requests, €63.81 + JP¥1,200 back')
    expect(textOf('decide.reject')).toContain('Reject 3 requests')
  })

  it('is of each decision what came of it, and who was first (R9, R10)', () => {
    const text = textOf('results')
    expect(text).toContain('2 of 7 sent')
    for (const said of [
      'Approved: it counts since 11:03 CET',
      'Approval sent. It counts as soon as',
      'Rejected before: Bob, 11:03 CET',
      'The deadline had passed: approved without an answer',
      'Too late: the request has ended',
      'Not known, or not yours',
    ])
      expect(text).toContain(said)
  })

  it.each(['planned', 'proposed', 'sent'])(
    'is of an edited dead letter which one and what it says, when %s',
    (state) => {
      const around = staffAround('en')
      const make = everyStaffPage[`operation.redrive-${state}`] ?? expect.fail()
      expect(documentOf(make(around), around)).toContain('href="/dead-letters/orders.placed.v1%3A2%3A4711"')
      const text = textOf(`operation.redrive-${state}`)
      expect(text).toContain('With another value')
      expect(text).toContain('total&quot;: 3351')
      expect(textOf('operation.redrive')).toContain('As it was')
    },
  )

  it('is what went wrong inside only for those who can do something about it', () => {
    expect(textOf('case.attention')).toContain('the carrier is away')
    expect(textOf('case.of-merchant')).not.toContain('the carrier is away')
  })

  it('is what the customer reads, as they read it, with nothing to press', () => {
    const around = staffAround('en')
    const make = everyStaffPage['case.waits'] ?? expect.fail()
    const text = documentOf(make(around), around)
    const mirror = text.slice(text.indexOf('<aside'), text.indexOf('</aside>'))
    expect(mirror).toContain('lang="de"')
    expect(mirror).toContain('Der Shop entscheidet bis')
    expect(mirror).not.toMatch(/<form|<button|<a /)
  })

  it('is of a note its words, and of each deed who did it, how it was asked for and what came of it', () => {
    const text = textOf('case.completed')
    expect(text).toMatch(/Approved by staff .* Ann Agent · By phone/)
    expect(text).toContain('Note: Called twice.')
    expect(text).toContain('not sent: the request has ended')
    expect(text).not.toContain('A decision was sent from here')
  })
})
