import { homeOf, staffHrefs } from '../../pages/staff/parts.ts'
import { signedOutPage } from '../../pages/staff/trouble.ts'
import { beginSignIn, beginStaffSession, endStaffSession, staffLimits, takeSignIn } from '../../store/staff.ts'
import { newSecrets } from '../identity.ts'
import {
  cookieOf,
  hostCookie,
  type PageCall,
  type PageReply,
  type PageRoute,
  queryOf,
  seeOther,
  setCookie,
} from '../page-route.ts'
import { Problem } from '../problems.ts'
import { openPage, type Staff, show, staffCookie, staffPage, type Visit } from './desk.ts'
import { staffEndpoints } from './endpoints.ts'

/** Signing in and out, by the code flow of OpenID Connect. */

const signInCookie = ({ url }: Pick<Staff, 'url'>): string => hostCookie(url, 'cm-sign-in')

/** A path of ours, whatever somebody put there. */
const pathIn = (text: string | null): string =>
  text !== null && /^\/(?![/\\])[\x21-\x7e]*$/.test(text) && !text.startsWith('/auth/') ? text : staffHrefs.inbox

const signIn =
  (staff: Staff) =>
  async (call: PageCall): Promise<PageReply> => {
    const query = queryOf(call)
    const destination = pathIn(query.get('to'))
    const secrets = newSecrets()
    const state = await beginSignIn(staff.database, { ...secrets, destination })
    const url = await staff.identity.begin(state, secrets, query.has('again'))
    const cookie = setCookie(staff.url, signInCookie(staff), state, staffLimits.signInMinutes * 60)
    return seeOther(url.href, { 'set-cookie': cookie })
  }

const callback =
  (staff: Staff) =>
  async (call: PageCall): Promise<PageReply> => {
    const state = cookieOf(call, signInCookie(staff)) ?? ''
    const begun = await takeSignIn(staff.database, state)
    if (begun === undefined) throw new Problem('sign-in-failed', 'expected a sign-in that this browser began')
    const member = await staff.identity.finish(new URL(call.url, staff.url), { ...begun, state })
    const before = cookieOf(call, staffCookie(staff))
    if (before !== undefined) await endStaffSession(staff.database, before)
    const secret = await beginStaffSession(staff.database, member)
    const destination = begun.destination === staffHrefs.inbox ? homeOf(member) : begun.destination
    return seeOther(destination, {
      'set-cookie': [
        setCookie(staff.url, staffCookie(staff), secret, staffLimits.lifeHours * 3_600),
        setCookie(staff.url, signInCookie(staff), '', 0),
      ],
    })
  }

const signOut =
  (staff: Staff) =>
  async ({ call, session }: Visit): Promise<PageReply> => {
    await endStaffSession(staff.database, session.secret)
    // A link: no form of a page may lead to another address.
    const there = await staff.identity.end(session.idToken).catch(() => undefined)
    const { headers, ...reply } = show(staff, { call, session: undefined }, (each) => signedOutPage(there?.href, each))
    return { ...reply, headers: { ...headers, 'set-cookie': setCookie(staff.url, staffCookie(staff), '', 0) } }
  }

export const signInPages = (staff: Staff): PageRoute[] => [
  openPage(staff, staffEndpoints.signIn, signIn(staff)),
  openPage(staff, staffEndpoints.callback, callback(staff)),
  staffPage(staff, staffEndpoints.signOut, signOut(staff)),
]
