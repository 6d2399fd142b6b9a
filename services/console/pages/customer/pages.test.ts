import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { faultsOf, mainTextOf } from '../../test/faults.ts'
import { everyPage } from '../../test/pages.ts'
import { type Language, speech } from '../../words/languages.ts'
import { documentOf, type Surroundings } from '../kit/page.ts'

const around = (language: Language): Surroundings => ({
  speech: speech(language, 'Europe/Berlin'),
  shop: { name: 'Mug & Co', contact: 'mailto:help@mug.example' },
  assets: { style: '/assets/x/style.css', script: '/assets/x/live.js' },
  languages: [
    { language: 'en', name: 'English', href: '/?lang=en' },
    { language: 'de', name: 'Deutsch', href: '/?lang=de' },
  ],
  links: [{ label: 'Withdraw', href: '/withdraw' }],
  home: '/orders',
  ...{ formKey: 'key', once: 'once' },
})

it('would notice a page that is no tree', () => {
  expect(faultsOf('<p id="a"><b></p><i id="a"><label for="x">')).toHaveLength(6)
})

describe.each(['en', 'zh-CN', 'de', 'ja', 'en-XA', 'ar-XB'] as const)('in %s', (language) => {
  it.each(Object.entries(everyPage))(
    'the page %s is a whole document, small, with nothing of others in it but text',
    (_, make) => {
      const page = make(around(language))
      const text = documentOf(page, around(language))
      expect(faultsOf(text)).toEqual([])
      expect(text).toContain(`<html lang="${language}" dir="${language === 'ar-XB' ? 'rtl' : 'ltr'}">`)
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
  const make = everyPage[name] ?? expect.fail(name)
  return mainTextOf(documentOf(make(around('en')), around('en')))
}

describe('what a customer reads', () => {
  it('is the deed and the sum on the button, never "yes" or "OK" (R1)', () => {
    expect(textOf('review')).toContain('Cancel order, €33.51 back')
    expect(textOf('review')).toContain('Keep order')
  })

  it('is what is left of an order after an earlier request (R4)', () => {
    expect(textOf('review.rest')).toContain('Cancel order, €19.60 back')
    expect(textOf('cancel')).toContain('2 items can be cancelled')
  })

  it('is where the money is by the word of its channel alone (R6)', () => {
    expect(textOf('cancellation.pending')).toContain(
      'The parcel is stopped. €13.91 to your card: on its way, expected by Mon 30 Nov',
    )
    expect(textOf('cancellation.completed')).toContain('€13.91 as store credit: there since Fri 20 Nov')
    expect(textOf('cancellation.reversed')).toContain('came back to us, we send it again')
    expect(textOf('cancellation.refund-failed')).toContain('did not work, we look for another way')
  })

  it.each([
    ['cancellation.shop-decides', 'The shop decides by Fri 20 Nov, 12:00 CET. No answer counts as yes.'],
    ['cancellation.attention', 'A colleague looks at it since Fri 20 Nov, 11:04 CET.'],
    ['cancellation.refused', 'Your order stays as it is. The time for cancelling was over.'],
    ['cancellation.rejected', 'Your order stays as it is. The shop said no. The shop writes: We packed it already.'],
    ['cancellation.not-stopped', 'The parcel could not be stopped any more.'],
    ['cancellation.withdrawn', 'You keep your order. Nothing has changed.'],
    ['cancellation.completed', 'The items are cancelled. €13.91 in all.'],
    ['cancellation.taking-back', 'You asked to keep your order.'],
  ])('on %s is "%s"', (name, sentence) => expect(textOf(name)).toContain(sentence))

  it('is a no of the shop as a no, not as an answer that nobody needed', () => {
    expect(textOf('cancellation.rejected')).toContain('Shop’s answer · said no')
    expect(textOf('cancellation.pending')).toContain('Shop’s answer · not needed')
  })

  it('never is what went wrong inside', () => {
    expect(textOf('cancellation.attention')).not.toContain('carrier is away')
  })
})
