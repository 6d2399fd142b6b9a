import { minorUnitDigits } from '@countermand/contracts'
import { convert } from 'xmlbuilder2'
import { z } from 'zod'
import type { Word } from './batch.ts'

/**
 * What a bank sends back: `pain.002` (what became of an order), `camt.053` (a statement) and `camt.054` (single entries), of any version
 * that has the elements read here. A transfer is known by its `EndToEndId`, which is the refund's id.
 */

/** The file cannot be used, in words. */
export class Unusable extends Error {
  override readonly name = 'Unusable'
}

/** One or several of an element, or none. */
const many = <Type>(each: z.ZodType<Type>) =>
  z
    .union([z.array(each), each.transform((one) => [one])])
    .optional()
    .transform((found) => found ?? [])
const text = z.union([z.string(), z.object({ '#': z.string() }).transform((found) => found['#'])])
const amount = z.object({ '@Ccy': z.string(), '#': z.string() })

const reason = z.object({ Rsn: z.object({ Cd: text.optional() }).optional() })
type Reason = z.infer<typeof reason>

/** Codes alone: what a bank writes beside them may be anything, an account number or a name. */
const words = (reasons: readonly Reason[]): string | undefined => {
  const codes = reasons.flatMap(({ Rsn }) => (/^[A-Z0-9]{4}$/.test(Rsn?.Cd ?? '') ? [Rsn?.Cd] : []))
  return codes.length === 0 ? undefined : codes.join(', ')
}

/** `12.5` of EUR is 1250; `undefined`: it is no amount of that currency. */
export const minorUnits = ({ '@Ccy': currency, '#': value }: z.infer<typeof amount>): number | undefined => {
  const digits = minorUnitDigits(currency)
  const [, whole = '', part = ''] = /^(\d{1,13})(?:\.(\d{1,5}))?$/.exec(value.trim()) ?? []
  if (whole === '' || /[1-9]/.test(part.slice(digits))) return undefined
  return Number(`${whole}${part.slice(0, digits).padEnd(digits, '0')}`)
}

const paid = (found: z.infer<typeof amount> | undefined): Pick<Word, 'amount' | 'currency'> => {
  if (found === undefined) return { amount: undefined, currency: undefined }
  const counted = minorUnits(found)
  if (counted === undefined) throw new Unusable(`expected an amount of ${found['@Ccy']}, got ${found['#']}`)
  return { amount: counted, currency: found['@Ccy'] }
}

const status = {
  TxInfAndSts: many(
    z.object({
      OrgnlEndToEndId: text.optional(),
      TxSts: text.optional(),
      StsRsnInf: many(reason),
      OrgnlTxRef: z.object({ Amt: z.object({ InstdAmt: amount.optional() }).optional() }).optional(),
    }),
  ),
}
const pain002 = z.object({
  OrgnlGrpInfAndSts: z.object({ OrgnlMsgId: text, GrpSts: text.optional(), StsRsnInf: many(reason) }),
  OrgnlPmtInfAndSts: many(
    z.object({ OrgnlPmtInfId: text, PmtInfSts: text.optional(), StsRsnInf: many(reason), ...status }),
  ),
})

const details = z.object({
  Refs: z.object({ EndToEndId: text.optional() }).optional(),
  Amt: amount.optional(),
  AmtDtls: z.object({ TxAmt: z.object({ Amt: amount }).optional() }).optional(),
  CdtDbtInd: text.optional(),
  RtrInf: reason.optional(),
})
const entry = z.object({
  CdtDbtInd: text,
  // A code of its own from version 3 on.
  Sts: z.union([text, z.object({ Cd: text }).transform(({ Cd }) => Cd)]),
  NtryDtls: many(z.object({ TxDtls: many(details) })),
})
const report = z.object({ Ntry: many(entry) })
const camt053 = z.object({ Stmt: many(report) })
const camt054 = z.object({ Ntfctn: many(report) })

const document = z.object({
  Document: z.object({
    CstmrPmtStsRpt: pain002.optional(),
    BkToCstmrStmt: camt053.optional(),
    BkToCstmrDbtCdtNtfctn: camt054.optional(),
  }),
})

/** What a file of a bank says of our transfers: of some, or that it took nothing of a whole batch. */
export interface BankSays {
  readonly words: readonly Word[]
  readonly rejectedBatches: readonly { readonly batchId: string; readonly reason: string | undefined }[]
}

const ofStatuses = ({ OrgnlGrpInfAndSts: group, OrgnlPmtInfAndSts: payments }: z.infer<typeof pain002>): BankSays => {
  const whole = group.GrpSts === 'RJCT' ? [{ batchId: group.OrgnlMsgId, reason: words(group.StsRsnInf) }] : []
  const parts = payments.flatMap(({ OrgnlPmtInfId: batchId, PmtInfSts, StsRsnInf }) =>
    PmtInfSts === 'RJCT' ? [{ batchId, reason: words(StsRsnInf) }] : [],
  )
  const single = payments.flatMap(({ TxInfAndSts }) =>
    TxInfAndSts.flatMap(({ OrgnlEndToEndId: refundId, TxSts, StsRsnInf, OrgnlTxRef }): Word[] =>
      refundId === undefined || TxSts !== 'RJCT'
        ? []
        : [{ refundId, says: 'rejected', reason: words(StsRsnInf), ...paid(OrgnlTxRef?.Amt?.InstdAmt) }],
    ),
  )
  return { words: single, rejectedBatches: [...whole, ...parts] }
}

const ofEntries = (entries: readonly z.infer<typeof entry>[]): BankSays => ({
  rejectedBatches: [],
  // What is announced only has not happened.
  words: entries
    .filter(({ Sts }) => Sts === 'BOOK')
    .flatMap(({ CdtDbtInd: ofEntry, NtryDtls }) =>
      NtryDtls.flatMap(({ TxDtls }) => TxDtls).flatMap(
        ({ Refs, Amt, AmtDtls, CdtDbtInd = ofEntry, RtrInf }): Word[] => {
          const refundId = Refs?.EndToEndId
          if (refundId === undefined || !refundId.startsWith('ref_')) return []
          const says = CdtDbtInd === 'CRDT' ? 'returned' : 'booked'
          // What is returned may be less, for a fee: it is all the same the transfer that came back.
          const money =
            says === 'booked' ? paid(Amt ?? AmtDtls?.TxAmt?.Amt) : { amount: undefined, currency: undefined }
          return [{ refundId, says, reason: RtrInf && words([RtrInf]), ...money }]
        },
      ),
    ),
})

const mostCharacters = 33_554_432

/** The names without whatever prefix their namespace has. */
const parsed = (xml: string): unknown => {
  if (xml.length > mostCharacters) throw new Unusable(`expected a file of at most ${mostCharacters} characters`)
  // An entity could stand for anything, and for gigabytes.
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw new Unusable('expected a file without a document type')
  const plain = xml.replaceAll(/(<\/?)[A-Za-z_][\w.-]*:(?=[A-Za-z])/g, '$1')
  try {
    return convert(plain, { format: 'object' })
  } catch {
    // The parser's words quote what is there, account numbers among it.
    throw new Unusable('expected XML, got none that is whole')
  }
}

/** Reads a bank's file. Throws {@link Unusable}. */
export const readBankFile = (xml: string): BankSays => {
  const read = document.safeParse(parsed(xml))
  if (!read.success) {
    const paths = read.error.issues.map(({ path, message }) => `${path.map(String).join('/')}: ${message}`)
    throw new Unusable(`expected a pain.002, camt.053 or camt.054: ${paths.slice(0, 3).join('; ')}`)
  }
  const { CstmrPmtStsRpt, BkToCstmrStmt, BkToCstmrDbtCdtNtfctn } = read.data.Document
  if (CstmrPmtStsRpt !== undefined) return ofStatuses(CstmrPmtStsRpt)
  const reports = BkToCstmrStmt?.Stmt ?? BkToCstmrDbtCdtNtfctn?.Ntfctn
  if (reports === undefined) throw new Unusable('expected a pain.002, camt.053 or camt.054, got another document')
  return ofEntries(reports.flatMap(({ Ntry }) => Ntry))
}
