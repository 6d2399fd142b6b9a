/** Something was sent, and what came of it is not known. */
export class Unsettled extends Error {}
