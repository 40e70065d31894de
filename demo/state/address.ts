/** What a page's address can name: a room, or the person with whom one talks. */
export interface Place {
  readonly kind: 'room' | 'person'
  /** As it stands there: not yet known to be an address. */
  readonly jid: string
}

/** No bare JID has a slash in it. */
const PERSON = 'with/'

/** What the page's address names, or `undefined`. */
export function placeInAddress(): Place | undefined {
  try {
    const named = decodeURIComponent(location.hash.slice(1))
    if (named === '') return undefined
    return named.startsWith(PERSON) ? { kind: 'person', jid: named.slice(PERSON.length) } : { kind: 'room', jid: named }
  } catch {
    return undefined // not one of our own making
  }
}

/** Where a room is to be found on this page; `@` stays readable. */
export function addressOf(room: string): string {
  return `#${encodeURIComponent(room).replaceAll('%40', '@')}`
}

/** Where the conversation with one person is. */
export function addressOfPerson(jid: string): string {
  return `#${PERSON}${addressOf(jid).slice(1)}`
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
