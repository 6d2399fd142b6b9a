import { minorUnitDigits } from '@countermand/contracts'
import { create } from 'xmlbuilder2'

/** The file that leaves: ISO 20022 `pain.001.001.09`, a customer's credit transfers. */

export interface Debtor {
  readonly name: string
  readonly iban: string
  readonly bic?: string | undefined
}

export interface CreditTransfer {
  /** 28 characters, of the 35 that there are; the bank's answers repeat it. */
  readonly refundId: string
  readonly orderId: string
  /** Minor units. */
  readonly amount: number
  readonly currency: string
  readonly name: string
  readonly iban: string
}

export interface Pain001 {
  readonly batchId: string
  readonly debtor: Debtor
  readonly transfers: readonly CreditTransfer[]
  /** ISO 8601. */
  readonly at: string
  /** ISO 8601 date: when it is to be carried out. */
  readonly on: string
}

/** Decimals with a point, as many as the currency has. */
export const decimal = (amount: number, currency: string): string => {
  const digits = minorUnitDigits(currency)
  const text = String(amount).padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/**
 * What every bank of SEPA takes (EPC217-08: a to z, digits, and a few signs): letters lose their marks, what cannot be written so is left
 * out. It may be empty then.
 */
export const sepaText = (text: string, longest: number): string =>
  text
    .replaceAll('ß', 'ss')
    .replaceAll('Æ', 'AE')
    .replaceAll('æ', 'ae')
    .replaceAll(/[Øø]/g, (letter) => (letter === 'Ø' ? 'O' : 'o'))
    .replaceAll(/[Łł]/g, (letter) => (letter === 'Ł' ? 'L' : 'l'))
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9/\-?:().,'+ ]/g, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
    .slice(0, longest)
    .trimEnd()

const agent = (bic: string | undefined) => ({
  FinInstnId: bic === undefined ? { Othr: { Id: 'NOTPROVIDED' } } : { BICFI: bic },
})

const transferOf = ({ refundId, orderId, amount, currency, name, iban }: CreditTransfer) => ({
  PmtId: { EndToEndId: refundId },
  Amt: { InstdAmt: { '@Ccy': currency, '#': decimal(amount, currency) } },
  Cdtr: { Nm: sepaText(name, 70) },
  CdtrAcct: { Id: { IBAN: iban } },
  RmtInf: { Ustrd: sepaText(`Refund ${orderId}`, 140) },
})

/** The file's text. All transfers are of one currency; the order of elements is the schema's. */
export const pain001 = ({ batchId, debtor, transfers, at, on }: Pain001): string => {
  const currency = transfers[0]?.currency ?? 'EUR'
  const sum = decimal(
    transfers.reduce((total, { amount }) => total + amount, 0),
    currency,
  )
  const counted = { NbOfTxs: String(transfers.length), CtrlSum: sum }
  const name = sepaText(debtor.name, 70)
  const document = {
    Document: {
      '@xmlns': 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09',
      CstmrCdtTrfInitn: {
        GrpHdr: { MsgId: batchId, CreDtTm: at, ...counted, InitgPty: { Nm: name } },
        PmtInf: {
          ...{ PmtInfId: batchId, PmtMtd: 'TRF', ...counted },
          PmtTpInf: { InstrPrty: 'NORM', ...(currency === 'EUR' && { SvcLvl: { Cd: 'SEPA' } }) },
          ReqdExctnDt: { Dt: on },
          ...{ Dbtr: { Nm: name }, DbtrAcct: { Id: { IBAN: debtor.iban } }, DbtrAgt: agent(debtor.bic) },
          ChrgBr: 'SLEV',
          CdtTrfTxInf: transfers.map(transferOf),
        },
      },
    },
  }
  return `${create({ version: '1.0', encoding: 'UTF-8' }, document).end({ prettyPrint: true })}\n`
}
