import { Option } from 'commander'
import { span } from './span.ts'

/** `--wait`: for how long a command looks what comes of it, in ms. */
export const wait = (): Option =>
  new Option('--wait <duration>', 'how long to look what comes of it').argParser(span('10s')).default(10_000, '10s')
