import type { Person } from './people.ts'

/** The page on which somebody says who they are. */

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

const ofMerchants = ({ merchants }: Person): string => (merchants === undefined ? '' : `, ${merchants.join(', ')}`)

const choice = (id: string, person: Person): string =>
  `<p><button name="login" value="${escaped(id)}">${escaped(person.name)}</button> <small>${escaped(person.roles.join(', ') + ofMerchants(person))}</small></p>`

/** Without scripts, and with one button each: who is who is no secret here. */
export const whoPage = (action: string, people: Readonly<Record<string, Person>>): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Who are you? · identity stand-in</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem}button{font:inherit;min-height:2.75rem;padding:.5rem 1rem}</style>
</head><body><main><h1>Who are you?</h1>
<p>This stands for the identity provider of your company. It runs on this machine alone, and asks for no password.</p>
<form method="post" action="${escaped(action)}">${Object.entries(people)
  .map(([id, person]) => choice(id, person))
  .join('')}</form></main></body></html>
`
