/**
 * How many digits a currency's minor unit has, where it is not two: ISO 4217's table (not that of CLDR, which `Intl` follows and
 * which says 0 for HUF). A plain constant, for workflow code shows amounts too.
 */
const digits: Readonly<Record<string, number>> = {
  ...{ BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0 },
  ...{ XAF: 0, XOF: 0, XPF: 0 },
  ...{ BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3 },
  ...{ CLF: 4, UYW: 4 },
  // Gold, silver, drawing rights and others without a minor unit.
  ...{ XAG: 0, XAU: 0, XBA: 0, XBB: 0, XBC: 0, XBD: 0, XDR: 0, XPD: 0, XPT: 0, XSU: 0, XTS: 0, XUA: 0, XXX: 0 },
}

/** How many digits a currency's minor unit has: EUR 2, JPY 0, KWD 3. */
export const minorUnitDigits = (code: string): number => (Object.hasOwn(digits, code) ? (digits[code] ?? 2) : 2)
