import type { WatchProgress } from '@countermand/workflows/operations/reach/progress.ts'
import type { Figure } from '../figure.ts'

/** Measures something on the files of a folder. */
export type Suite = (folder: string, watch: WatchProgress) => Promise<readonly Figure[]>
