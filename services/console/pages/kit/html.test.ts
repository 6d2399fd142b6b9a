import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attribute, escapeText, html } from './html.ts'

describe('a template', () => {
  it('has nothing in it that comes from outside but text', () => {
    const hostile = `<script>alert(1)</script>"'&`
    expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
      '<p title="&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;">&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;</p>',
    )
    expect(html`<input${attribute('value', '" onfocus="x')}>`.text).toBe('<input value="&quot; onfocus=&quot;x">')
  })

  it('opens no tag, ends no attribute and is read back, whatever the text', () => {
    const back = (text: string) =>
      text.replaceAll(
        /&(amp|lt|gt|quot|#39);/g,
        (sign) => ({ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" })[sign] ?? sign,
      )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeText(text)
        expect(escaped).not.toMatch(/[<>"']/)
        expect(back(escaped)).toBe(text)
      }),
    )
  })

  it('puts templates into each other, and leaves out what is not there', () => {
    const items = ['a', '<b>'].map((each) => html`<li>${each}</li>`)
    expect(html`<ul${attribute('hidden', false)}>${items}${undefined}${false}</ul>`.text).toBe(
      '<ul><li>a</li><li>&lt;b&gt;</li></ul>',
    )
  })

  it('takes no object that only looks like HTML', () => {
    // @ts-expect-error: what was parsed from outside is no HTML.
    const text = html`${{ text: '<script>' }}`.text
    expect(text).not.toContain('<script>')
  })
})
