/** Looks at the page again while something may change, and puts in what is new: focus stays, and the one sentence that changed is spoken. Of a list that somebody works on, it only says that there is more. */
const main = document.querySelector('main[data-live], main[data-news]')
const said = document.querySelector('.said')
const isList = main?.hasAttribute('data-news') === true
const everyMs = isList ? 10000 : 2000
let etag = null
let tries = 0

const sentence = (of) => of.querySelector('[data-say]')?.textContent?.trim() ?? ''
const idsIn = (of) => [...of.querySelectorAll('[data-id]')].map((each) => each.getAttribute('data-id'))

const offer = (fresh) => {
  const link = main.querySelector('[data-offer]')
  const known = new Set(idsIn(main))
  if (link === null || !link.hidden || !idsIn(fresh).some((id) => !known.has(id))) return
  link.hidden = false
  said.textContent = link.textContent
}

const put = (text) => {
  const fresh = new DOMParser().parseFromString(text, 'text/html').querySelector('main')
  if (fresh === null) return true
  if (isList) {
    offer(fresh)
    return true
  }
  const before = sentence(main)
  const held = document.activeElement?.getAttribute('data-keep')
  const isTyping = main.querySelector('textarea:focus, input:focus, select:focus') !== null
  if (isTyping) return true
  main.replaceChildren(...fresh.childNodes)
  if (held) main.querySelector(`[data-keep="${CSS.escape(held)}"]`)?.focus()
  if (sentence(main) !== before) said.textContent = sentence(main)
  return fresh.hasAttribute('data-live')
}

const look = async () => {
  let more = true
  try {
    const answer = await fetch(location.href, {
      headers: { 'x-look': 'again', ...(etag && { 'if-none-match': etag }) },
    })
    tries = 0
    if (answer.status === 200 && !answer.redirected) {
      etag = answer.headers.get('etag')
      more = put(await answer.text())
    }
    // Signed out, or gone: the page says so when it is opened again.
    if (answer.redirected || answer.status === 401 || answer.status === 404) more = false
  } catch {
    tries += 1
  }
  if (more) setTimeout(look, everyMs * Math.min(2 ** tries, 15))
}

if (main !== null && said !== null) setTimeout(look, everyMs)
