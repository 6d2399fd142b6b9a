/**
 * `<countermand-cancel order token lang>`: a customer cancels and follows it in a page of the shop's own. What it shows is made by the server,
 * as every page is; it sends what is chosen, puts in what comes back, and speaks the one sentence that changed. What stands inside the element
 * is shown until it has loaded, and where it cannot. `countermand-token` asks the page for a new token.
 */
const base = new URL(import.meta.url).origin
const everyMs = 2000
const ours = /^\/(orders\/[^/]+|cancellations)\//

const sentence = (of) => of.querySelector('[data-say]')?.textContent?.trim() ?? ''

class CountermandCancel extends HTMLElement {
  static observedAttributes = ['order', 'token', 'lang']
  #box
  #said
  #slot
  #at
  #etag = null
  #timer
  #number = 0
  #tries = 0
  #waiting

  connectedCallback() {
    if (this.shadowRoot === null) this.#build()
    if (this.#at === undefined) this.#begin()
  }

  disconnectedCallback() {
    clearTimeout(this.#timer)
    this.#number += 1
    this.#at = undefined
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.isConnected || this.shadowRoot === null) return
    if (name === 'token' && this.#waiting !== undefined) {
      const again = this.#waiting
      this.#waiting = undefined
      again()
    } else if (name !== 'token') this.#begin()
  }

  #build() {
    const root = this.attachShadow({ mode: 'open' })
    const style = document.createElement('link')
    style.rel = 'stylesheet'
    style.href = base + '__STYLE__'
    this.#box = document.createElement('div')
    this.#box.className = 'widget'
    this.#box.hidden = true
    this.#said = document.createElement('p')
    this.#said.className = 'said'
    this.#said.setAttribute('role', 'status')
    this.#slot = document.createElement('slot')
    root.append(style, this.#slot, this.#box, this.#said)
    this.#box.addEventListener('click', (event) => this.#follow(event))
    this.#box.addEventListener('submit', (event) => this.#send(event))
  }

  #begin() {
    const order = this.getAttribute('order')
    if (order) this.#go(`/orders/${encodeURIComponent(order)}/cancel`, undefined, false)
  }

  /** Who asked later is the one that counts. */
  async #go(path, body, hasAsked = true) {
    clearTimeout(this.#timer)
    this.#number += 1
    const mine = this.#number
    this.#box.setAttribute('aria-busy', 'true')
    try {
      const answer = await this.#fetch(path, { body })
      if (mine !== this.#number) return
      if (answer.status === 401) {
        this.#askToken(() => this.#go(path, body, hasAsked))
        return
      }
      this.#at = new URL(answer.url).pathname + new URL(answer.url).search
      this.#etag = answer.headers.get('etag')
      this.#put(await answer.text(), hasAsked)
    } catch {
      // What stands in the element leads on; the same form again is the same request.
      if (mine === this.#number) this.#slot.hidden = false
    } finally {
      if (mine === this.#number) this.#box.removeAttribute('aria-busy')
    }
  }

  #fetch(path, { body, etag }) {
    const headers = { authorization: `Bearer ${this.getAttribute('token') ?? ''}` }
    const lang = this.getAttribute('lang')
    if (lang) headers['x-language'] = lang
    if (etag) headers['if-none-match'] = etag
    return fetch(new URL(path, base), { method: body ? 'POST' : 'GET', body, headers, credentials: 'omit' })
  }

  #askToken(again) {
    this.#waiting = again
    this.dispatchEvent(new CustomEvent('countermand-token', { bubbles: true, composed: true }))
  }

  #put(text, hasAsked) {
    const page = new DOMParser().parseFromString(text, 'text/html')
    const main = page.querySelector('main')
    if (main === null) return
    for (const name of ['lang', 'dir']) this.#box.setAttribute(name, page.documentElement.getAttribute(name) ?? '')
    for (const [selector, name] of [
      ['a[href]', 'href'],
      ['form[action]', 'action'],
    ])
      for (const each of main.querySelectorAll(selector)) {
        const value = each.getAttribute(name)
        if (!value.startsWith('#')) each.setAttribute(name, new URL(value, base).href)
      }
    const before = sentence(this.#box)
    this.#box.replaceChildren(...main.childNodes)
    this.#box.hidden = false
    this.#slot.hidden = true
    const heading = this.#box.querySelector('[role="alert"]') ?? this.#box.querySelector('h1')
    if (hasAsked && heading !== null) {
      heading.setAttribute('tabindex', '-1')
      heading.focus()
    } else if (before !== '' && sentence(this.#box) !== before) this.#said.textContent = sentence(this.#box)
    if (main.hasAttribute('data-live')) this.#later()
  }

  #later() {
    this.#timer = setTimeout(() => this.#look(), everyMs * Math.min(2 ** this.#tries, 15))
  }

  async #look() {
    const mine = this.#number
    try {
      const answer = await this.#fetch(this.#at, { etag: this.#etag })
      if (mine !== this.#number) return
      this.#tries = 0
      if (answer.status === 401) {
        this.#askToken(() => this.#look())
        return
      }
      const isTyping = this.#box.querySelector('textarea:focus, input:focus, select:focus') !== null
      if (answer.status === 200 && !isTyping) {
        this.#etag = answer.headers.get('etag')
        this.#put(await answer.text(), false)
        return
      }
    } catch {
      this.#tries += 1
    }
    if (mine === this.#number) this.#later()
  }

  #follow(event) {
    const link = event.target.closest?.('a[href]')
    if (!link || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey) return
    const href = link.getAttribute('href')
    if (href.startsWith('#')) {
      event.preventDefault()
      this.#box.querySelector(`[id="${CSS.escape(href.slice(1))}"]`)?.focus()
      return
    }
    const to = new URL(href)
    if (to.origin !== base || !ours.test(`${to.pathname}/`)) return
    event.preventDefault()
    this.#go(to.pathname + to.search)
  }

  #send(event) {
    event.preventDefault()
    if (this.#box.getAttribute('aria-busy') === 'true') return
    const form = event.target
    const fields = new URLSearchParams(new FormData(form, event.submitter))
    const to = new URL(form.getAttribute('action'))
    if (form.method === 'post') this.#go(to.pathname, fields)
    else this.#go(`${to.pathname}?${fields}`)
  }
}

if (customElements.get('countermand-cancel') === undefined)
  customElements.define('countermand-cancel', CountermandCancel)
