import { expect, it } from 'vitest'
import { withoutLinks } from './quoted.ts'

it('writes addresses of the web so that nothing opens them, and leaves what else was written', () => {
  const all = {
    'https://evil.example/a?b=c': 'https[:]//evil[.]example/a?b=c',
    'see www.evil.example now.': 'see www[.]evil[.]example now.',
    'mal.例え 。com evil。com': 'mal[.]例え 。com evil[.]com',
    'ord-1001.2, 3.5 kg. Two mugs; the blue ones.': 'ord-1001.2, 3.5 kg. Two mugs; the blue ones.',
  }
  for (const [written, quoted] of Object.entries(all)) expect(withoutLinks(written)).toBe(quoted)
})
