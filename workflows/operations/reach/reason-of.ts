/** What went wrong, in the words of whoever knows best: gRPC's and PostgreSQL's own errors are the causes of others. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || error.name
}
