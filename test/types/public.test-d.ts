// What must and must not type-check for those who use the SDK. `npm run types` compiles this file; nothing runs it.
import {
  type Account,
  connect,
  type ErrorCode,
  type JoinResult,
  type Message,
  MinimixError,
  type Occupant,
  type Room,
  type RoomEvents,
  type RoomSnapshot,
  type SharedFile,
} from '../../src/index.ts'

/** Both ways assignable: the same type. */
type Same<A, B> = [A, B] extends [B, A] ? true : false
const same = <A, B>(_is: Same<A, B>): void => undefined

declare const account: Account
declare const room: Room
declare const error: MinimixError

// connect

same<ReturnType<typeof connect>, Promise<Account>>(true)
void connect({ jid: 'juliet@capulet.example' })
void connect({ jid: 'juliet@capulet.example', service: 'wss://capulet.example/', password: 'secret' })
void connect({ jid: 'juliet@capulet.example', service: ['wss://a.example/', 'wss://b.example/'] as const })
void connect({ jid: 'juliet@capulet.example', password: async () => 'secret', onLastTab: 'leave' })
void connect({ jid: 'juliet@capulet.example', worker: '/worker.js' })
void connect({ jid: 'juliet@capulet.example', worker: new URL('https://a.example/worker.js') })
void connect({ jid: 'juliet@capulet.example', worker: () => new SharedWorker('/worker.js') })
void connect({ jid: 'juliet@capulet.example', worker: () => new Worker('/worker.js', { type: 'module' }) })
void connect({ jid: 'juliet@capulet.example', sharedWorker: 'never', reloadWhenHidden: true })
void connect({ jid: 'juliet@capulet.example', signal: AbortSignal.timeout(1000), timeoutMs: 5000 })

// @ts-expect-error: there is no account without an address
void connect({})
// @ts-expect-error: an address is a text
void connect({ jid: 7 })
// @ts-expect-error: a function that gives a password gives a promise of it
void connect({ jid: 'juliet@capulet.example', password: () => 'secret' })
// @ts-expect-error: there are two ends
void connect({ jid: 'juliet@capulet.example', onLastTab: 'stay' })
// @ts-expect-error: there are two words on shared workers
void connect({ jid: 'juliet@capulet.example', sharedWorker: 'always' })
// @ts-expect-error: a tab is loaded anew, or not
void connect({ jid: 'juliet@capulet.example', reloadWhenHidden: 'yes' })
// @ts-expect-error: a worker is given by a function, or by where its file is
void connect({ jid: 'juliet@capulet.example', worker: new Worker('/worker.js') })
// @ts-expect-error: it is there when it is asked for
void connect({ jid: 'juliet@capulet.example', worker: async () => new Worker('/worker.js') })
// @ts-expect-error: to leave an option out is not to set it to undefined
void connect({ jid: 'juliet@capulet.example', password: undefined })
// @ts-expect-error: there is no such option
void connect({ jid: 'juliet@capulet.example', passwort: 'secret' })

// Account

same<ReturnType<Account['room']>, Room>(true)
same<Account['status'], 'connecting' | 'online' | 'interrupted' | 'offline' | 'refused'>(true)
account.on('status', ({ status, error: why }) => {
  same<typeof status, Account['status']>(true)
  same<typeof why, MinimixError | undefined>(true)
})
account.on('outdated', (event) => {
  same<typeof event, { readonly error: MinimixError }>(true)
  // @ts-expect-error: what has happened is read only
  event.error = error
})
account.on('membership', ({ by }) => same<typeof by, 'this-tab' | 'other-tab' | 'bookmark' | 'room'>(true))
void account.logout({ wipe: true })
export async function useOnce(): Promise<void> {
  await using mine = account
  void mine.jid
}

same<ReturnType<Account['directory']['create']>, Promise<Room>>(true)
same<ReturnType<Account['notifications']['get']>, Promise<'always' | 'on-mention' | 'never' | undefined>>(true)
void account.directory.create({ preset: 'private-group', nick: 'Juliet', values: { 'muc#roomconfig_maxusers': '10' } })
void account.directory.search('garden', { limit: 10 }).then(({ rooms, after }) => {
  same<(typeof rooms)[number]['occupants'], number | undefined>(true)
  same<typeof after, string | undefined>(true)
})
void account.directory.info('garden@rooms.example').then(({ membersOnly, contacts }) => {
  same<typeof membersOnly, boolean>(true)
  same<typeof contacts, readonly string[]>(true)
})
void account.notifications.set('garden@rooms.example', null)
account.on('activity', ({ room: where }) => same<typeof where, string>(true))

// @ts-expect-error: nobody comes into a new room without a nick
void account.directory.create({ preset: 'private-group' })
// @ts-expect-error: to take a setting away is a word of its own
void account.notifications.set('garden@rooms.example', undefined)
// @ts-expect-error: the rooms of a tab are read only
account.rooms.set('r@m', room)
// @ts-expect-error: the status is the worker's to say
account.status = 'online'
// @ts-expect-error: there is no such event
account.on('statsu', () => undefined)
// @ts-expect-error: wipe is a boolean
void account.logout({ wipe: 'yes' })

// Room

same<ReturnType<Room['join']>, Promise<JoinResult>>(true)
same<ReturnType<Room['send']>, Promise<Message>>(true)
same<ReturnType<Room['leave']>, Promise<void>>(true)
same<ReturnType<Room['on']>, () => void>(true)
same<Room['nick'], string | undefined>(true)
same<Room['occupants'], ReadonlyMap<string, Occupant>>(true)
same<Room['unread'] | RoomSnapshot['mentions'], number>(true)
same<ReturnType<Room['markDisplayed']>, Promise<void>>(true)
void room.setShown(false)
// @ts-expect-error: shown or not
void room.setShown('no')
account.on('notify', ({ message, reason }) => {
  same<typeof message, Message>(true)
  same<typeof reason, 'mention' | 'private' | 'message'>(true)
})
const chat = account.chat('romeo@montague.example')
chat.on('message', ({ body }) => same<typeof body, string>(true))
same<typeof chat.unread, number>(true)
void chat.sendFile(new Blob()).then(({ file }) => same<typeof file, SharedFile | undefined>(true))
void chat.send('hark').then(({ displayed }) => same<typeof displayed, true | undefined>(true))
for (const { unread, newest } of account.chats.values()) {
  same<typeof unread, number>(true)
  same<typeof newest, Message | undefined>(true)
}
// @ts-expect-error nobody enters a chat
chat.on('joined', () => undefined)
// @ts-expect-error nobody is an occupant of one
void chat.occupants
account.on('unread', ({ unread }) => same<typeof unread, number>(true))
same<Room['state'], 'out' | 'joining' | 'in' | 'interrupted' | 'removed' | 'destroyed'>(true)
void room.join({ nick: 'Juliet' })
void room.join({ nick: 'Juliet', password: 'key', history: { maxstanzas: 0, since: new Date() } })
void room.leave()
void room.leave({ status: 'good night', everywhere: true })
void room.send('hello')
void room.send({ body: 'hello' }, { timeoutMs: 5000, wait: false })
room.on('message', (message) => same<typeof message, Message>(true), { signal: AbortSignal.timeout(1000) })
room.on('occupant-left', ({ kind }) =>
  same<typeof kind, 'left' | 'kicked' | 'banned' | 'not-a-member' | 'shutdown'>(true),
)
room.on('joined', (result) => same<typeof result, JoinResult>(true))

// As React's useSyncExternalStore wants it.
const subscribe: (onChange: () => void) => () => void = (onChange) => room.subscribe(onChange)
const snapshot: () => RoomSnapshot = () => room.snapshot()
void [subscribe, snapshot]

// @ts-expect-error: nobody joins without a nick
void room.join({})
// @ts-expect-error: nobody joins without options
void room.join()
// @ts-expect-error: a limit is a number
void room.join({ nick: 'Juliet', history: { maxstanzas: '5' } })
// @ts-expect-error: a message is a text
void room.send(7)
// @ts-expect-error: a message has a body
void room.send({})
// @ts-expect-error: the occupants are read only
room.occupants.clear()
// @ts-expect-error: a snapshot is read only
room.snapshot().state = 'in'
// @ts-expect-error: there is no such event
room.on('messages', () => undefined)
// @ts-expect-error: a listener of one event is not one of another
room.on('joined', (message: Message) => message.body)

// Message and Occupant

export function read(message: Message, occupant: Occupant): void {
  same<Message['state'], 'queued' | 'sent' | 'delivered' | 'failed'>(true)
  same<typeof message.originId, string | undefined>(true)
  // @ts-expect-error: a message is read only
  message.body = 'changed'
  // @ts-expect-error: so are its reactions
  message.reactions.push({ emoji: '👍', nicks: [], own: true })
  // @ts-expect-error: and its stanza
  message.stanza.attrs['to'] = 'somebody'
  // @ts-expect-error: an occupant may have no address that we see
  occupant.jid.length
  // @ts-expect-error: how the broker orders messages is not the app's affair
  void message.order
}

// Errors

same<MinimixError['code'], ErrorCode>(true)
same<MinimixError['retry'], boolean>(true)
export const isError: Error = error
export function advise(code: ErrorCode): string {
  switch (code) {
    case 'credentials-required':
    case 'not-authorized':
    case 'service-unreachable':
    case 'timeout':
    case 'aborted':
    case 'worker-unavailable':
    case 'worker-gone':
    case 'worker-error':
    case 'outdated':
    case 'jid-malformed':
    case 'not-joined':
    case 'offline':
    case 'storage-full':
    case 'storage-closed':
    case 'room-password-required':
    case 'room-nick-conflict':
    case 'room-nick-not-acceptable':
    case 'room-banned':
    case 'room-members-only':
    case 'room-not-found':
    case 'room-locked':
    case 'room-full':
    case 'room-gone':
    case 'room-creation-forbidden':
    case 'room-unreachable':
    case 'forbidden':
    case 'not-acceptable':
    case 'stanza-error':
      return code
    default: {
      // The list is closed: a code that is added must be added here, and to the table of the README.
      const never: never = code
      return never
    }
  }
}
// @ts-expect-error: codes are a closed list
export const noCode: ErrorCode = 'something-else'
// @ts-expect-error: an error needs to say whether trying again can help
void new MinimixError({ code: 'timeout', message: 'x' })

// Events

same<
  keyof RoomEvents,
  | 'occupant-joined'
  | 'occupant-left'
  | 'occupant-changed'
  | 'nick-changed'
  | 'joined'
  | 'message'
  | 'message-updated'
  | 'private-message'
  | 'subject'
  | 'typing'
  | 'config'
  | 'configuration-needed'
  | 'affiliation-changed'
  | 'voice-request'
  | 'catching-up'
  | 'interrupted'
  | 'resumed'
  | 'left'
  | 'removed'
  | 'destroyed'
>(true)
