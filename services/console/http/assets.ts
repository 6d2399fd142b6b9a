import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { accentStyle } from '../pages/kit/accent.ts'
import type { PageRoute } from './page-route.ts'

/** What pages load: one style sheet and one small script, by addresses that change with what they say, so that they are kept for a year. */
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
    'x-content-type-options': 'nosniff',
  }
  const route: PageRoute = {
    ...{ method: 'GET', path },
    answer: async () => ({ status: 200, headers, body: text }),
    failed: () => ({ status: 503, headers: { 'cache-control': 'no-store' }, body: '' }),
  }
  return { path, route }
}

/** For a shop with this accent, `#rrggbb`. */
export const createAssets = (accent: string): Assets => {
  const style = asset('style.css', 'text/css', `${accentStyle(accent)}${fileOf('styles.css')}`)
  const script = asset('live.js', 'text/javascript', fileOf('live.js'))
  return { style: style.path, script: script.path, routes: [style.route, script.route] }
}
