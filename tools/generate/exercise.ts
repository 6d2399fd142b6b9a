import { type Drill, drills } from '../saga/drill/drills.ts'

/** For the commands: what `saga drill` prints is filled in. */
const made = { orderId: 'ORDER', requestId: 'REQUEST', workflowId: 'RUN' }

const foundBy = ({ found }: Drill): string => {
  switch (found.by) {
    case 'attention':
      return `needs attention: \`${found.reason}\``
    case 'next':
      return `\`saga show\` says: ${found.words}`
    case 'dead-letter':
      return `a dead letter: \`${found.reason}\``
    case 'held':
      return 'cancel events held in Kafka'
  }
}

const section = (drill: Drill): string => {
  const page = drill.runbook.replace(/\.md$/, '')
  const commands = drill.repair(made)
  return [
    `## ${drill.name} ([${page}](${drill.runbook}))`,
    '',
    `${drill.story}`,
    '',
    `- **Found**: ${foundBy(drill)}. Seen in ${drill.seen}.`,
    `- **Repaired**: ${drill.hint}`,
    ...(drill.quickWith === undefined ? [] : [`- Quick with \`${drill.quickWith}\`.`]),
    ...(commands.length === 0 ? [] : ['', '```sh', ...commands, '```']),
  ].join('\n')
}

/** `docs/runbooks/exercise.md`: every drill, how it is found, and the command that `tests/e2e/drill.test.ts` repairs it with. */
export const exercise = (): string =>
  [
    '<!-- Generated from tools/saga/drill/drills.ts by `npm run generate`. Do not edit. -->',
    '# The exercise: every drill, found, understood and repaired',
    '',
    'One afternoon with the [runbooks](README.md), on a laptop, as a new colleague would spend it. Each of these repairs is [a test](../../tests/e2e/drill.test.ts).',
    '',
    '```sh',
    'STEP_ATTEMPTS=3 UNDO_ATTEMPTS=3 STEP_BACKOFF=500ms REFUND_PATIENCE=20s npm start',
    'npm run saga -- drill',
    '```',
    '',
    'For each, before you look at its repair: `npm run saga -- status` or `list --attention` finds it, `npm run saga -- show REQUEST` tells its story and what each decision',
    'would do, `--dry-run` shows what a command would send. `REQUEST` is the id of the request, as the drill printed it. All commands are in [the command line](../saga.md).',
    '',
    '![The list of sagas that need a person, in the Temporal UI](../pictures/list-attention.png)',
    '',
    ...drills.flatMap((drill) => [section(drill), '']),
    '## Nothing is left',
    '',
    'No saga needs attention, and all services agree about every order:',
    '',
    '```sh',
    'npm run saga -- status',
    'npm run saga -- verify',
    '```',
    '',
  ].join('\n')
