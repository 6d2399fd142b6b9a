import type { TenderKind } from './channel.ts'

/** Cash that a carrier would have collected: a cancelled parcel's never was. */
export const cashOnDelivery = { home: 'none' } satisfies TenderKind
