import { fileURLToPath } from 'node:url'
import { DefaultLogger } from '@temporalio/worker'
import { workflowBundle } from '../src/temporal/bundle.ts'

const cache = fileURLToPath(new URL('../../node_modules/.cache/countermand', import.meta.url))

/** The orchestrator's own bundle of the workflows, from where it keeps it: built once for all tests of one state of the sources. */
export const savedBundle = () => workflowBundle(cache, new DefaultLogger('ERROR'))
