/** What is to be read of a whole document. */
export const mainTextOf = (text: string): string =>
  text
    .slice(text.indexOf('<main'), text.indexOf('</main>'))
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')

const voids = new Set(['meta', 'link', 'input', 'br', 'img', 'path', 'circle', 'rect'])

/** What is wrong with how tags open and end, with ids, and with what refers to them. */
export const faultsOf = (text: string): string[] => {
  const faults: string[] = []
  const open: string[] = []
  for (const [, end, name = '', rest = ''] of text.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:[^<>"]|"[^"]*")*)>/g)) {
    if (end === '/') {
      const last = open.pop()
      if (last !== name) faults.push(`</${name}> ends <${last}>`)
    } else if (!voids.has(name) && !rest.endsWith('/')) open.push(name)
  }
  const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id ?? '')
  const refers = [...text.matchAll(/ (?:for|aria-labelledby|aria-describedby|href)="#?([^"]*)"/g)]
    .filter(([all]) => all.includes('for=') || all.includes('aria-') || all.includes('#'))
    .map(([, id]) => id ?? '')
  faults.push(...ids.filter((id, place) => ids.indexOf(id) !== place).map((id) => `two of id ${id}`))
  faults.push(...refers.filter((id) => !ids.includes(id)).map((id) => `nothing of id ${id}`))
  return [...faults, ...open.map((name) => `<${name}> does not end`)]
}
