import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'

/** Public data to measure ourselves by. None of it is in the repository: docs/intelligence.md says where to get it, and under which licence. */
export const dataSets = {
  hotel: {
    file: 'hotel-bookings.csv.gz',
    sha256: '085c1cdae5e73a67b4f52cd49c932c334c83e0de08a8e0265b8f3ee0cc481a5c',
  },
  retail: {
    file: 'online-retail.csv.gz',
    sha256: 'eb124ff576b38d9e77cca3cab137c9e265bd341adbd9e758026ca4145b8037ac',
  },
  textTrain: {
    file: 'banking77-train.csv.gz',
    sha256: 'eec5f16d49941f140cc6eb7b31c721615609908d6211ecc9993781589fb87b2e',
  },
  textTest: {
    file: 'banking77-test.csv.gz',
    sha256: 'e90d8ab60d56afe35565762114f3e276f458921b11d09ed0baaf2adc44a13894',
  },
} as const
export type DataSet = keyof typeof dataSets

/** The folder's file is not there. A measure without its data is left out, and says so. */
export class NoData extends Error {}

const records = z.array(z.record(z.string(), z.string()))

/** The rows of a file of the folder. Throws `NoData` where it is not there, and where it is another file than was measured before. */
export const readDataSet = async (folder: string, name: DataSet): Promise<Record<string, string>[]> => {
  const { file, sha256 } = dataSets[name]
  const bytes = await readFile(join(folder, file)).catch((cause: unknown) => {
    throw new NoData(`${file} is not in ${folder}; docs/intelligence.md says where to get it`, { cause })
  })
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256)
    throw new Error(`expected ${file} with the sha256 ${sha256}, got ${found}: its figures could not be compared`)
  return records.parse(parse(gunzipSync(bytes), { columns: true }))
}
