import { type AccountStatus, type ErrorCode, type Message, MinimixError, type RoomEvents } from 'minimix-web'

/** Every reason for which something can fail, for the person in front of it. */
const ERRORS: Readonly<Record<ErrorCode, string>> = {
  'credentials-required': 'No tab of this account is signed in any more. Please enter the password.',
  'not-authorized': 'The address or the password is not right.',
  'service-unreachable': 'The chat server does not answer. Is the service address right?',
  timeout: 'That took too long. Please try again.',
  aborted: 'That was called off.',
  'worker-unavailable': 'This browser cannot share one connection between tabs, or refuses to here.',
  'worker-gone': 'The connection that the tabs share was lost. Please try again.',
  'worker-error': 'Something went wrong in what the tabs share. If things do not go on, please reload.',
  outdated: 'Another tab runs another version of this page. Please reload.',
  'jid-malformed': 'That is not an address: it looks like name@server.',
  'not-joined': 'You are not in this room.',
  offline: 'There is no connection at the moment.',
  'storage-full': 'The disk is full: messages are not kept.',
  'storage-closed': 'The browser has closed its storage. Please reload.',
  'room-password-required': 'This room wants a password, or another one.',
  'room-nick-conflict': 'Somebody else in this room has that name. Please choose another.',
  'room-nick-not-acceptable': 'This room does not accept that name. Please choose another.',
  'room-banned': 'You are banned from this room.',
  'room-members-only': 'This room is for its members only.',
  'room-not-found': 'There is no such room.',
  'room-locked': 'This room is not open yet: whoever made it has still to set it up.',
  'room-full': 'This room is full.',
  'room-gone': 'This room does not exist any more.',
  'room-creation-forbidden': 'There is no such room, and you may not make one.',
  'room-unreachable': 'The server of this room does not answer.',
  forbidden: 'You are not allowed to do that here.',
  'not-acceptable': 'The room does not accept that.',
  'stanza-error': 'The server refuses that.',
}

/** An error in words for a person; for what is no error of the SDK, what it says itself. */
export function inWords(error: unknown): string {
  if (error instanceof MinimixError) {
    const words = ERRORS[error.code]
    return error.code === 'stanza-error' && error.text !== undefined ? `${words} It says: ${error.text}` : words
  }
  return error instanceof Error ? error.message : String(error)
}

/** Why a room does not let somebody in: there, what cannot be an address is the name. */
export function refusalInWords(error: unknown): string {
  const isName = error instanceof MinimixError && error.code === 'jid-malformed'
  return isName ? 'That cannot be a name in a room. Please choose another.' : inWords(error)
}

const REMOVALS: Readonly<Record<RoomEvents['removed']['kind'], string>> = {
  kicked: 'You were sent out of this room',
  banned: 'You were banned from this room',
  'not-a-member': 'This room is for its members only now',
  shutdown: 'The room was closed for the time being',
}

export function removalInWords({ kind, actor, reason }: RoomEvents['removed']): string {
  const what = `${REMOVALS[kind]}${actor === undefined ? '' : ` by ${actor}`}`
  return reason === undefined ? `${what}.` : `${what}: ${reason}`
}

export const STATUS_WORDS: Readonly<Record<AccountStatus, string>> = {
  connecting: 'Connecting',
  online: 'Online',
  interrupted: 'Interrupted',
  offline: 'Offline',
  refused: 'Refused',
}

/** Why nothing can be written, or `undefined` where it can: what is said without a connection goes out when it is back. */
export function silence(status: AccountStatus, role: string | undefined): string | undefined {
  if (status === 'offline' || status === 'refused') return 'You are not connected.'
  if (role === 'visitor') return 'You may listen here, but not speak.'
  return undefined
}

/** Bob is typing …; nothing where nobody is. */
export function typingInWords(nicks: readonly string[]): string {
  const [first, second] = nicks
  if (first === undefined) return ''
  if (second === undefined) return `${first} is typing …`
  return nicks.length === 2 ? `${first} and ${second} are typing …` : `${nicks.length} people are typing …`
}

/** How far a message to one person has come. */
export function fateInWords({ displayed, state }: Message): string {
  return displayed ? 'seen' : state === 'delivered' ? 'arrived' : 'sent'
}

/** 0.4 s, 12 s, 3 min 5 s, 2 h 4 min. */
export function durationInWords(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`
}

/** 17:03:31, wherever one is. */
export function timeInWords(atMs: number): string {
  const at = new Date(atMs)
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}
