import { printableTexts, unprintableTexts } from '@countermand/testing/hostile-text.ts'
import { type Argument, Command, type Option } from 'commander'
import { describe, expect, it, vi } from 'vitest'
import { commands } from './commands.ts'
import { run } from './run.ts'

/** Whatever is typed for each argument and each option of each command: it is understood, or it is said what is wrong, on one line. */

const obeyed = /(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

/** All that no id may hold is in one text: what is seen is looked at character by character. */
const texts = {
  'what is not printable': Object.values(unprintableTexts).join(' '),
  NUL: 'a\0b',
  'an option': '--order',
  JavaScript: '__proto__',
  'what means something elsewhere': Object.values(printableTexts).join(' '),
  nothing: '',
  'no number': 'NaN',
  'no end': '1e400',
  'less than nothing': '-1',
  'a time beyond all calendars': '99999999999999999999d',
  'no page': 'x'.repeat(100_000),
}

interface Place {
  readonly words: readonly string[]
  readonly options: readonly Option[]
  readonly arguments: readonly Argument[]
}

/** Each command that does something, with what it takes. */
const placesOf = (command: Command, words: readonly string[]): Place[] =>
  command.commands.length > 0
    ? command.commands.flatMap((each) => placesOf(each, [...words, each.name()]))
    : [{ words, options: command.options, arguments: command.registeredArguments }]

const places: Place[] = []
for (const [name, get] of commands) {
  const program = new Command('saga')
  ;(await get())(program, () => undefined)
  for (const command of program.commands) places.push(...placesOf(command, [name]))
}

/** Something for what is required besides: the place at hand is what is looked at. */
const sample = ({ argChoices }: { readonly argChoices?: readonly string[] | undefined }): string =>
  argChoices?.[0] ?? 'x'
const requiredOf = ({ options, arguments: args }: Place, besides: Option | Argument | undefined): string[] => [
  ...options
    .filter((each) => each !== besides && each.mandatory && each.long)
    .flatMap((each) => [each.long ?? '', sample(each)]),
  ...args.filter((each) => each !== besides && each.required).map(sample),
]

const stopSignals = ['SIGINT', 'SIGTERM'] as const

/** What is written, and how it ends, in a system that is not there: its settings cannot be read. */
const typed = async (...words: string[]) => {
  const parts: string[] = []
  const keep = (text: string | Uint8Array) => parts.push(String(text)) > 0
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(keep))
  vi.stubEnv('TEMPORAL_PORT', 'none')
  const listeners = stopSignals.map((signal) => process.listeners(signal))
  try {
    return { code: await run(['node', 'saga', ...words]), text: parts.join('') }
  } finally {
    vi.unstubAllEnvs()
    for (const spy of spies) spy.mockRestore()
    // A process of its own would have ended with what listens for its end.
    for (const [place, signal] of stopSignals.entries())
      for (const each of process.listeners(signal)) if (!listeners[place]?.includes(each)) process.off(signal, each)
  }
}

const expectWords = ({ code, text }: Awaited<ReturnType<typeof typed>>, about: string): void => {
  expect([0, 1, 2], about).toContain(code)
  expect(text, about).not.toMatch(obeyed)
  expect(text, about).not.toMatch(/\n {4}at /)
  if (code === 2) expect(text, about).toMatch(/^(\[[a-z]+\] .*\n)*error: /)
}

describe.each(places.map((place) => [`saga ${place.words.join(' ')}`, place] as const))('%s', (_, place) => {
  it('understands each text in each place, or says what is wrong', async () => {
    const valued = place.options.filter((each) => each.required || each.optional)
    for (const [kind, text] of Object.entries(texts)) {
      for (const option of valued)
        expectWords(
          await typed(...place.words, ...requiredOf(place, option), `${option.long}=${text}`),
          `${kind} as ${option.long}`,
        )
      for (const argument of place.arguments)
        expectWords(
          await typed(...place.words, ...requiredOf(place, argument), '--', text),
          `${kind} as ${argument.name()}`,
        )
      expectWords(await typed(...place.words, `--${text}`), `${kind} as an option`)
    }
  })
})

it('a command that there is not is said so, whatever it is called', async () => {
  for (const [kind, text] of Object.entries(texts)) expectWords(await typed(text), kind)
})
