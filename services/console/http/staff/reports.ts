import { csvOf, isReport, kindOf, reportNames, reportOf } from '../../decide/report.ts'
import { staffHrefs } from '../../pages/staff/parts.ts'
import { reportPage, type ShownReport } from '../../pages/staff/report.ts'
import { countedBy, countedPlaces, type ReportFilter } from '../../store/counts.ts'
import { writtenFeedback } from '../../store/feedback.ts'
import { type PageReply, type PageRoute, paramOf, queryOf, seeOther } from '../page-route.ts'
import { periodOf } from '../period.ts'
import { Problem } from '../problems.ts'
import { type Staff, show, staffPage, type Visit } from './desk.ts'
import { staffEndpoints } from './endpoints.ts'

/** What became of requests, counted: for merchants of their own, for analysts without a word of any customer. */

const mostTexts = 50

const filterIn = (query: URLSearchParams): ReportFilter => {
  const word = (name: string) => (query.get(name) ?? '').slice(0, 128) || undefined
  return { ...periodOf(word('from'), word('to'), new Date()), merchant: word('merchant'), market: word('market') }
}

const showReport =
  (staff: Staff) =>
  async (visit: Visit): Promise<PageReply> => {
    const {
      call,
      session: { merchants, roles },
    } = visit
    const name = paramOf(call, 'report')
    if (!isReport(name)) throw new Problem('not-found', `expected one of the reports ${reportNames.join(', ')}`)
    const query = queryOf(call)
    const filter = filterIn(query)
    const report = reportOf(name, await countedBy(staff.database, kindOf[name], filter, merchants))
    if (query.get('format') === 'csv') return csvReply(csvOf(report), `${name}-${filter.from}-${filter.to}.csv`)
    const readsWords = name === 'feedback' && roles.some((role) => role === 'merchant' || role === 'admin')
    const shown: ShownReport = {
      ...{ report, filter, ...(await countedPlaces(staff.database, merchants)) },
      ...(readsWords && { texts: await writtenFeedback(staff.database, filter, merchants, mostTexts) }),
    }
    return show(staff, visit, (each) => reportPage(shown, each))
  }

const csvReply = (body: string, file: string): PageReply => ({
  status: 200,
  headers: {
    ...{ 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="${file}"` },
    ...{ 'cache-control': 'private, no-store', 'x-content-type-options': 'nosniff' },
  },
  body,
})

export const reportPages = (staff: Staff): PageRoute[] => [
  staffPage(staff, staffEndpoints.reports, async () => seeOther(staffHrefs.report('reasons'))),
  staffPage(staff, staffEndpoints.report, showReport(staff)),
]
