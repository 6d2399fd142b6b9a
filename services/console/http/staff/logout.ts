import { endSessionsOf } from '../../store/staff.ts'
import { fieldsOf, type PageCall, type PageReply, type PageRoute } from '../page-route.ts'
import { Problem } from '../problems.ts'
import { openPage, type Staff } from './desk.ts'
import { staffEndpoints } from './endpoints.ts'

/** Who was signed out at their provider is signed out here: the provider says so itself (OpenID Connect Back-Channel Logout 1.0). */

const answer = (status: number, body: string): PageReply => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body,
})

const backchannelLogout =
  (staff: Staff) =>
  async (call: PageCall): Promise<PageReply> => {
    try {
      await endSessionsOf(staff.database, await staff.identity.loggedOut(fieldsOf(call).get('logout_token') ?? ''))
      return answer(200, '{}')
    } catch (error) {
      // Whatever is away is asked again; what is forged, or no such token, is told so as the standard has it.
      if (!(error instanceof Problem) || error.code === 'away') throw error
      return answer(400, JSON.stringify({ error: 'invalid_request', error_description: error.message }))
    }
  }

export const logoutPages = (staff: Staff): PageRoute[] => [
  openPage(staff, staffEndpoints.backchannelLogout, backchannelLogout(staff)),
]
