// XEP-0082: XMPP Date and Time Profiles, version 1.1.1
// https://xmpp.org/extensions/xep-0082.html

const DATETIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/
/** XEP-0091's form, which old servers still write into delays. */
const LEGACY = /^(\d{4})(\d\d)(\d\d)T(\d\d):(\d\d):(\d\d)$/

/** Milliseconds since the epoch, or `undefined` for what is no date and time. */
export function readDateTime(text: string): number | undefined {
  const legacy = LEGACY.exec(text)
  const iso = legacy ? `${legacy[1]}-${legacy[2]}-${legacy[3]}T${legacy[4]}:${legacy[5]}:${legacy[6]}Z` : text
  if (!legacy && !DATETIME.test(text)) return undefined
  const stampMs = Date.parse(iso)
  return Number.isNaN(stampMs) ? undefined : stampMs
}

/** UTC with milliseconds. */
export function writeDateTime(stampMs: number): string {
  return new Date(stampMs).toISOString()
}
