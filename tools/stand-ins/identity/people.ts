/** Who works here, as the stand-in knows them. What they may do, their roles say; whose orders they see, their merchants: `*`, all. */
export interface Person {
  readonly name: string
  readonly roles: readonly string[]
  readonly merchants?: readonly string[]
}

/** By the name that each signs in with. */
export const people: Readonly<Record<string, Person>> = {
  ann: { name: 'Ann Agent', roles: ['support'], merchants: ['*'] },
  bob: { name: 'Bob Manager', roles: ['merchant'], merchants: ['mer-3'] },
  eve: { name: 'Eve Operator', roles: ['operations'], merchants: ['*'] },
  hal: { name: 'Hal Operator', roles: ['operations'], merchants: ['*'] },
  kim: { name: 'Kim Analyst', roles: ['analyst'], merchants: ['*'] },
}
