import { topicPlan } from '@countermand/contracts'

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** A time in words, in the largest unit that it is a whole number of. */
const span = (ms: number): string => {
  for (const [unit, size] of units) if (ms % size === 0) return `${ms / size} ${unit}${ms === size ? '' : 's'}`
  return `${ms} ms`
}

/** `docs/topics.md`: what the plan says of each topic. */
export const topicsTable = (): string => {
  const rows = topicPlan().map(({ name, partitions, config }) => {
    const read = (setting: string) => Number(config[setting])
    const cells = [
      `\`${name}\``,
      partitions ?? '`KAFKA_PARTITIONS`',
      span(read('retention.ms')),
      span(read('segment.ms')),
      config['cleanup.policy'],
      read('max.message.bytes').toLocaleString('en'),
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    '<!-- Generated from shared/contracts/topics.ts by `npm run generate`. Do not edit. -->',
    '# Topics',
    '',
    'What [provisioning](operations.md) makes them. A message may come again for as long as it is kept, one segment more, and five minutes.',
    '',
    '| topic | partitions | kept | segment | cleanup | largest batch, bytes |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}
