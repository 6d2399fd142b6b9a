/** `npm run generate`, too: writes `docs/failure-table.md` from the cells that the tests play. */
import { writeFile } from 'node:fs/promises'
import { failureTable } from '../document.ts'

await writeFile(new URL('../../../docs/failure-table.md', import.meta.url), failureTable())
