/**
 * What somebody wrote, in a mail to an address that anybody may have typed: as it was written, but for addresses of the web, which no mail
 * program makes a link of in this form.
 */
export const withoutLinks = (text: string): string =>
  text.replaceAll('://', '[:]//').replaceAll(/(?<=[\p{L}\p{N}_-])[.．。｡](?=\p{L})/gu, '[.]')
