import { convert, create } from 'xmlbuilder2'
import { z } from 'zod'
import { type Kept, keptIn } from '../kept.ts'

/** A bank that takes files of credit transfers (`pain.001`), and tells by files what became of them. What it does with one is in the payee's name. */

export interface Transfer {
  /** What the shop calls it. */
  readonly endToEndId: string
  readonly batchId: string
  /** Decimals, as they came. */
  readonly amount: string
  readonly currency: string
  state: 'booked' | 'rejected' | 'returned'
}

const one = z.object({
  PmtId: z.object({ EndToEndId: z.string() }),
  Amt: z.object({ InstdAmt: z.object({ '@Ccy': z.string(), '#': z.string() }) }),
  Cdtr: z.object({ Nm: z.string() }),
  CdtrAcct: z.object({ Id: z.object({ IBAN: z.string() }) }),
})
const orders = z.object({
  Document: z.object({
    CstmrCdtTrfInitn: z.object({
      GrpHdr: z.object({ MsgId: z.string(), NbOfTxs: z.coerce.number(), CtrlSum: z.string() }),
      PmtInf: z.object({ CdtTrfTxInf: z.union([z.array(one), one.transform((each) => [each])]) }),
    }),
  }),
})

const closed = 'AC04'
const behaviours: Readonly<Record<string, Transfer['state']>> = { closed: 'rejected', returned: 'returned' }
const stateFor = (payee: string): Transfer['state'] =>
  Object.entries(behaviours).find(([word]) => payee.toLowerCase().includes(word))?.[1] ?? 'booked'

/** Sums of a file in hundredths of its smallest unit are whole. */
const scaled = (amount: string): number => Math.round(Number(amount) * 100_000)

const xml = (document: object): string => create({ version: '1.0', encoding: 'UTF-8' }, { Document: document }).end()

const statusReport = (batchId: string, rejected: readonly Transfer[]): string =>
  xml({
    CstmrPmtStsRpt: {
      OrgnlGrpInfAndSts: { OrgnlMsgId: batchId, GrpSts: 'PART' },
      OrgnlPmtInfAndSts: {
        OrgnlPmtInfId: batchId,
        TxInfAndSts: rejected.map(({ endToEndId }) => ({
          ...{ OrgnlEndToEndId: endToEndId, TxSts: 'RJCT', StsRsnInf: { Rsn: { Cd: closed } } },
        })),
      },
    },
  })

const notification = (transfers: readonly Transfer[], direction: 'DBIT' | 'CRDT'): string =>
  xml({
    BkToCstmrDbtCdtNtfctn: {
      Ntfctn: {
        Ntry: {
          ...{ CdtDbtInd: direction, Sts: { Cd: 'BOOK' } },
          NtryDtls: {
            TxDtls: transfers.map(({ endToEndId, amount, currency }) => ({
              Refs: { EndToEndId: endToEndId },
              Amt: { '@Ccy': currency, '#': amount },
              CdtDbtInd: direction,
              ...(direction === 'CRDT' && { RtrInf: { Rsn: { Cd: closed } } }),
            })),
          },
        },
      },
    },
  })

const tellings = (batchId: string, transfers: readonly Transfer[]): string[] => {
  const rejected = transfers.filter(({ state }) => state === 'rejected')
  const made = transfers.filter(({ state }) => state !== 'rejected')
  const back = transfers.filter(({ state }) => state === 'returned')
  return [
    ...(rejected.length > 0 ? [statusReport(batchId, rejected)] : []),
    ...(made.length > 0 ? [notification(made, 'DBIT')] : []),
    ...(back.length > 0 ? [notification(back, 'CRDT')] : []),
  ]
}

/** Carries out what a file asks for, and gives back the files that tell of it, the first first. A message that it had already is told again. */
export const createBank = (kept: Kept = keptIn()) => {
  const batches = kept.map<Transfer[]>('batches')
  return {
    take: (file: string): readonly string[] => {
      const { GrpHdr: head, PmtInf } = orders.parse(convert(file, { format: 'object' })).Document.CstmrCdtTrfInitn
      const asked = PmtInf.CdtTrfTxInf
      const sum = asked.reduce((total, { Amt }) => total + scaled(Amt.InstdAmt['#']), 0)
      if (asked.length !== head.NbOfTxs || sum !== scaled(head.CtrlSum))
        throw new Error(`expected batch ${head.MsgId} to add up, it does not`)
      const transfers =
        batches.get(head.MsgId) ??
        asked.map(({ PmtId, Amt: { InstdAmt }, Cdtr }) => ({
          ...{ endToEndId: PmtId.EndToEndId, batchId: head.MsgId, state: stateFor(Cdtr.Nm) },
          ...{ amount: InstdAmt['#'], currency: InstdAmt['@Ccy'] },
        }))
      batches.set(head.MsgId, transfers)
      return tellings(head.MsgId, transfers)
    },
    transfers: (): readonly Transfer[] => [...batches.values()].flat(),
  }
}
