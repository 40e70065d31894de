/** The room that the page's address names, or `undefined`. */
export function roomInAddress(): string | undefined {
  try {
    return decodeURIComponent(location.hash.slice(1)) || undefined
  } catch {
    return undefined // not one of our own making
  }
}

/** Where a room is to be found on this page; `@` stays readable. */
export function addressOf(room: string): string {
  return `#${encodeURIComponent(room).replaceAll('%40', '@')}`
}

/** What stands before the `@`. */
export function localPart(jid: string): string {
  return jid.split('@', 1)[0] ?? jid
}

export function domainPart(jid: string): string {
  return jid.slice(jid.indexOf('@') + 1)
}

/** The name under which an account goes into rooms unless it says another: `juliet@…` is Juliet. */
export function usualNick(jid: string): string {
  const local = localPart(jid)
  return local.slice(0, 1).toUpperCase() + local.slice(1)
}
