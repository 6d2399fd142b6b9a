import type { Command, Option } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** What may follow some words: sub-commands, options, and the values of an option. */
interface Place {
  /** As they are typed, such as `dlq redrive`. */
  readonly words: string
  readonly commands: readonly { readonly name: string; readonly summary: string }[]
  readonly options: readonly { readonly flag: string; readonly summary: string; readonly values: readonly string[] }[]
}

const flagsOf = ({ long, short }: Option): string => long ?? short ?? ''

/** Every place in a command line where something can be completed. */
export const placesOf = (command: Command, words = ''): Place[] => {
  const shown = command.commands.filter((each) => each.name() !== 'help')
  return [
    {
      words,
      commands: shown.map((each) => ({ name: each.name(), summary: each.description() })),
      options: command.options
        .filter(({ hidden }) => !hidden)
        .map((option) => ({
          flag: flagsOf(option),
          summary: option.description,
          values: option.argChoices ?? [],
        })),
    },
    ...shown.flatMap((each) => placesOf(each, `${words} ${each.name()}`.trim())),
  ]
}

/** In single quotes, for every one of these shells. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const candidates = ({ commands, options }: Place): string =>
  [...commands.map(({ name }) => name), ...options.map(({ flag }) => flag)].join(' ')

/** The values of a place's options, by the option before the cursor. */
const valueCases = (places: readonly Place[]): string[] =>
  places.flatMap(({ words, options }) =>
    options
      .filter(({ values }) => values.length > 0)
      .map(({ flag, values }) => `    ${quoted(`${words} ${flag}`)}) echo ${quoted(values.join(' '))}; return;;`),
  )

/** The words before the cursor that name a command; bash and zsh share it. */
const inShell = (places: readonly Place[]): string[] => [
  '_saga_words() {',
  `  local place="" word previous="\${@: -1}"`,
  '  for word in "$@"; do',
  '    case "$place $word" in',
  ...places
    .filter(({ words }) => words !== '')
    .map(({ words }) => `      ${quoted(words.includes(' ') ? words : ` ${words}`)}) place=${quoted(words)};;`),
  '    esac',
  '  done',
  '  case "$place $previous" in',
  ...valueCases(places),
  '  esac',
  '  case "$place" in',
  ...places.map((place) => `    ${quoted(place.words)}) echo ${quoted(candidates(place))};;`),
  '  esac',
  '}',
]

const bash = (places: readonly Place[]): string[] => [
  ...inShell(places),
  '_saga() {',
  `  local current="\${COMP_WORDS[COMP_CWORD]}"`,
  `  COMPREPLY=($(compgen -W "$(_saga_words "\${COMP_WORDS[@]:1:COMP_CWORD-1}")" -- "$current"))`,
  '}',
  'complete -o default -F _saga saga',
]

const zsh = (places: readonly Place[]): string[] => [
  '#compdef saga',
  ...inShell(places),
  '_saga() {',
  `  compadd -- \${=$(_saga_words "\${(@)words[2,CURRENT-1]}")}`,
  '}',
  'compdef _saga saga',
]

const fish = (places: readonly Place[]): string[] => [
  'complete -c saga -f',
  ...places.flatMap(({ words, commands, options }) => {
    const [first, second] = words.split(' ')
    const seen = `__fish_seen_subcommand_from`
    const here =
      words === ''
        ? '__fish_use_subcommand'
        : [
            `${seen} ${first}`,
            ...(second === undefined
              ? commands.length === 0
                ? []
                : [`not ${seen} ${commands.map(({ name }) => name).join(' ')}`]
              : [`${seen} ${second}`]),
          ].join('; and ')
    const condition = `-n ${quoted(here)}`
    return [
      ...commands.map(({ name, summary }) => `complete -c saga ${condition} -a ${name} -d ${quoted(summary)}`),
      ...options.map(({ flag, summary, values }) => {
        const name = flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`
        const choices = values.length === 0 ? '' : ` -x -a ${quoted(values.join(' '))}`
        return `complete -c saga ${condition} ${name}${choices} -d ${quoted(summary)}`
      }),
    ]
  }),
]

const scripts = { bash, zsh, fish } as const

/** A script that a shell reads to complete `saga`. */
export const completionScript = (shell: Shell, program: Command): string => scripts[shell](placesOf(program)).join('\n')
