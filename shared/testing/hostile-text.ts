/** Text as strangers send it, each kind with what it is for: every input surface is played with all of them. */

const esc = '\x1b'

/** What no id may hold. */
export const unprintableTexts: Readonly<Record<string, string>> = {
  NUL: 'a\0b',
  'a tab': 'a\tb',
  'a line break': 'a\nb',
  'a carriage return': 'a\rb',
  'an escape sequence': `${esc}[2J${esc}]0;owned\x07`,
  DEL: 'a\x7fb',
  'a C1 control': 'a\u009b31mb',
  'a line separator': 'a\u2028b',
  'a direction override': 'a\u202egnp.exe',
  'a direction isolate': 'a\u2066b',
  'the first half of a pair': 'a\ud83d',
  'the second half of a pair': '\ude00b',
}

/** What an id may hold, though it means something to a shell, a page, a query or a table. */
export const printableTexts: Readonly<Record<string, string>> = {
  'an order number with #': '#1001',
  'an order number with /': '2026/11/0042',
  'an apostrophe': "O'Brien",
  'an umlaut': 'Ü-7',
  'a quotation mark': 'a"b',
  'a backslash': 'a\\b',
  'a shell command': "x --by a; $(touch /tmp/owned) `id` && 'y' #",
  'an option': '--order',
  SQL: "'; drop table orders; --",
  'a visibility query': "x' OR OrderId != '",
  Markdown: '**x** [y](http://z) `code` ![i](http://j)',
  HTML: '<img src=x onerror=alert(1)><script>&amp;',
  'a percent sign': '100%25 %s {0} {{x}}',
  JavaScript: '__proto__',
  'characters of four bytes': '😀'.repeat(64),
  'characters of three bytes': '注'.repeat(128),
  'combining characters': 'e\u0301'.repeat(64),
  'a byte order mark': '\ufeffx',
  'a replacement character': '\ufffd',
  blanks: '  \u00a0',
}

/** Every kind. */
export const hostileTexts: Readonly<Record<string, string>> = { ...unprintableTexts, ...printableTexts }

/** Texts at a limit of so many UTF-16 units, and one beyond it: of one, two, three and four bytes a character. */
export const atLimit = (units: number): { readonly fits: readonly string[]; readonly tooLong: readonly string[] } => ({
  fits: ['x', 'é', '注', '😀'].map((each) => each.repeat(Math.floor(units / each.length))),
  tooLong: ['x', 'é', '注', '😀'].map((each) => each.repeat(Math.floor(units / each.length) + 1)),
})

/** Bytes that are no text, or none of ours. */
export const hostileBytes: Readonly<Record<string, Buffer>> = {
  'no bytes': Buffer.alloc(0),
  'a zero': Buffer.from([0]),
  'no UTF-8': Buffer.from([0xff, 0xfe, 0x41]),
  'half of a pair in CESU-8': Buffer.from([0xed, 0xa0, 0xbd]),
  'a cut character': Buffer.from([0xf0, 0x9f, 0x98]),
  'a long': Buffer.from('000000001ade839d', 'hex'),
  'UTF-16': Buffer.from('ord-1', 'utf16le'),
}
