import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { accentStyle } from '../pages/kit/accent.ts'
import type { PageRoute } from './page-route.ts'

/** What pages load, and shops' own pages: one style sheet and one small script each, by addresses that change with what they say, so that they are kept for a year. */
export interface Assets {
  readonly style: string
  readonly script: string
  readonly routes: readonly PageRoute[]
}

const fileOf = (name: string): string => readFileSync(new URL(`../pages/kit/${name}`, import.meta.url), 'utf8')

const asset = (name: string, type: string, text: string) => {
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 12)
  const path = `/assets/${hash}/${name}`
  const headers = {
    ...{ 'content-type': `${type}; charset=utf-8`, 'cache-control': 'public, max-age=31536000, immutable' },
    ...{ 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'cross-origin' },
  }
  const route: PageRoute = {
    ...{ method: 'GET', path },
    answer: async () => ({ status: 200, headers, body: text }),
    failed: () => ({ status: 503, headers: { 'cache-control': 'no-store' }, body: '' }),
  }
  return { path, route }
}

/** At an address that stays, for it stands in shops' own pages: looked for anew after some minutes. */
const forShops = (text: string): PageRoute => {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  const headers = {
    ...{ 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=300', etag },
    ...{ 'access-control-allow-origin': '*', 'x-content-type-options': 'nosniff' },
  }
  return {
    ...{ method: 'GET', path: '/widget.js' },
    answer: async (call) =>
      call.headers['if-none-match'] === etag
        ? { status: 304, headers, body: '' }
        : { status: 200, headers, body: text },
    failed: () => ({ status: 503, headers: { 'cache-control': 'no-store' }, body: '' }),
  }
}

/** For a shop with this accent, `#rrggbb`. */
export const createAssets = (accent: string): Assets => {
  const style = asset('style.css', 'text/css', `${accentStyle(accent)}${fileOf('styles.css')}`)
  const script = asset('live.js', 'text/javascript', fileOf('live.js'))
  // In a shadow root, what holds of the page holds of its host.
  const inShadow = `${accentStyle(accent)}${fileOf('styles.css')}${fileOf('widget.css')}`.replaceAll(':root', ':host')
  const widgetStyle = asset('widget.css', 'text/css', inShadow)
  const widget = forShops(fileOf('widget.js').replaceAll('__STYLE__', widgetStyle.path))
  const routes = [style.route, script.route, widgetStyle.route, widget]
  return { style: style.path, script: script.path, routes }
}
