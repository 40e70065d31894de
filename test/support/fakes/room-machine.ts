import type { TabEvent } from '../../../src/contract/api.ts'
import type { OwnPresence } from '../../../src/contract/model.ts'
import { readRoomStanza } from '../../../src/protocol/room-stanza.ts'
import type { XmlNode } from '../../../src/protocol/xml.ts'
import { nextGap } from '../../../src/rooms/catch-up.ts'
import type { Effect } from '../../../src/rooms/effects.ts'
import type { Input, Past } from '../../../src/rooms/inputs.ts'
import { type Context, type Kept, newRoom, type Room } from '../../../src/rooms/room.ts'
import { step } from '../../../src/rooms/step.ts'
import {
  ACCOUNT,
  type ErrorWords,
  joinError,
  NS_MUC,
  NS_OCCUPANT_ID,
  type PresenceWords,
  present,
  ROOM,
  said,
  subject,
} from './room-xml.ts'
import { stanza } from './xml.ts'

export const NO_PAST: Past = { messages: [], gaps: undefined, outbox: [], subject: undefined }
export const OCCUPANT_IDS: ReadonlySet<string> = new Set([NS_OCCUPANT_ID])

/** Of a room that has an archive, too. */
export const WITH_ARCHIVE: ReadonlySet<string> = new Set([
  NS_OCCUPANT_ID,
  'urn:xmpp:mam:2',
  'http://jabber.org/protocol/muc#stable_id',
])

export type MachineOptions = Partial<
  Pick<Context, 'online' | 'lingering' | 'account' | 'presence' | 'caps' | 'chance'>
> & { readonly room?: string }

type JoinWords = { readonly nick?: string; readonly password?: string } & Partial<
  Extract<Input, { on: 'tab-joins' }>['ask']
>

/** A room's state machine with the world around it in the test's hand: each call is one input, and gives its effects. */
export interface Machine {
  readonly room: Room
  /** What a step may know: a test changes it between two of them. */
  readonly world: Mutable<Omit<Context, 'newId'>>
  step(input: Input): Effect[]
  /** A stanza from the room, as XML. What means nothing there is dropped, as the broker does. */
  hear(...xml: readonly string[]): Effect[]
  /** A tab calls `join()`. Calls are numbered 1, 2, 3 …, the number is the tab's last call. */
  join(tab: string, words?: JoinWords): Effect[]
  leave(tab: string, words?: { readonly status?: string; readonly everywhere?: boolean }): Effect[]
  send(tab: string, body: string, words?: { readonly id?: string; readonly waitMs?: number }): Effect[]
  rename(tab: string, nick: string): Effect[]
  setSubject(tab: string, text: string): Effect[]
  whisper(tab: string, nick: string, body: string, words?: { readonly id?: string }): Effect[]
  /** Something to the room that has no answer but a refusal; XML without its id. */
  post(tab: string, xml: string, words?: { readonly id?: string }): Effect[]
  /** A bookmark wants the room, or none does any more. */
  keep(kept?: Partial<Kept>): Effect[]
  letGo(): Effect[]
  /** The room has said what it can do. */
  disco(features?: ReadonlySet<string>): Effect[]
  /** Our own occupant has been asked. */
  pinged(found: 'in' | 'out' | 'unknown'): Effect[]
  /** The account shows something else. */
  show(presence: OwnPresence): Effect[]
  time(name: string): Effect[]
  lose(): Effect[]
  /** The connection is gone, and the session may go on. */
  suspend(): Effect[]
  resume(): Effect[]
  back(): Effect[]
  /** The number of the last call. */
  readonly call: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export function machine({ room: jid = ROOM, ...options }: MachineOptions = {}): Machine {
  const room = newRoom(jid)
  const world: Machine['world'] = {
    nowMs: Date.UTC(2030, 0, 1),
    online: true,
    lingering: false,
    account: ACCOUNT,
    ...options,
  }
  let ids = 0
  let call = 0
  const run = (input: Input): Effect[] => step(room, input, { ...world, newId: () => `new-${++ids}` })
  return {
    room,
    world,
    step: run,
    hear: (...texts) =>
      texts.flatMap((text) => {
        const meaning = readRoomStanza(stanza(text), jid)
        return meaning ? run({ on: 'stanza', stanza: meaning }) : []
      }),
    join: (tab, { nick = 'juliet', password, history, takeover, after } = {}) =>
      run({ on: 'tab-joins', tab, call: ++call, ask: { nick, password, history, takeover, after } }),
    leave: (tab, { status, everywhere = false } = {}) =>
      run({ on: 'tab-leaves', tab, call: ++call, status, everywhere }),
    send: (tab, body, { id = `m${call + 1}`, waitMs = 20_000 } = {}) =>
      run({ on: 'tab-sends', tab, call: ++call, id, body, waitMs }),
    rename: (tab, nick) => run({ on: 'tab-renames', tab, call: ++call, nick }),
    setSubject: (tab, text) => run({ on: 'tab-sets-subject', tab, call: ++call, text }),
    whisper: (tab, nick, body, { id = `w${call + 1}` } = {}) =>
      run({ on: 'tab-whispers', tab, call: ++call, id, nick, body }),
    post: (tab, text, { id = `p${call + 1}` } = {}) =>
      run({ on: 'tab-posts', tab, call: ++call, id, stanza: stanza(text) }),
    keep: ({ nick = 'juliet', password } = {}) => run({ on: 'kept', kept: { nick, password } }),
    letGo: () => run({ on: 'kept', kept: undefined }),
    disco: (features = OCCUPANT_IDS) => run({ on: 'disco', features }),
    pinged: (found) => run({ on: 'self-ping', found }),
    show(presence) {
      world.presence = presence
      return run({ on: 'presence' })
    },
    time: (name) => run({ on: 'time', name }),
    suspend() {
      world.online = false
      return run({ on: 'stream', is: 'suspended' })
    },
    resume() {
      world.online = true
      return run({ on: 'stream', is: 'resumed' })
    },
    lose() {
      world.online = false
      return run({ on: 'stream', is: 'lost' })
    },
    back() {
      world.online = true
      return run({ on: 'stream', is: 'online' })
    },
    get call() {
      return call
    },
  }
}

/** A machine whose store and service discovery have answered a first `join()` of `t1`: the presence is on its way. */
export function joining(words: JoinWords = {}, options: MachineOptions = {}): Machine {
  const m = machine(options)
  m.join('t1', words)
  m.step({ on: 'loaded', past: NO_PAST })
  m.disco()
  return m
}

/** `romeo`, as `letIn` shows him. */
export const ROMEO = present('romeo', { occupantId: 'o-romeo' })

/** Our own presence, which ends the list of occupants. */
export const self = ({ nick = 'juliet', codes = [110], ...words }: PresenceWords & { nick?: string } = {}): string =>
  present(nick, { codes, occupantId: 'o-juliet', ...words })

/** What a room that lets the account in says to that: `romeo` is there, nothing has been said. */
export function letIn(
  m: Machine,
  { others = [ROMEO], history = [], ...words }: LetInWords & Parameters<typeof self>[0] = {},
): Effect[] {
  return [...m.disco(), ...m.hear(...others, self(words), ...history, subject(''))]
}

interface LetInWords {
  readonly others?: readonly string[]
  readonly history?: readonly string[]
}

/** A machine that is in: `t1` and any further tabs hold it, `romeo` is there, nothing has been said. */
export function inRoom({
  nick = 'juliet',
  tabs = ['t1'],
  ...options
}: MachineOptions & { nick?: string; tabs?: readonly string[] } = {}): Machine {
  const [first = 't1', ...others] = tabs
  const m = machine(options)
  m.join(first, { nick })
  m.step({ on: 'loaded', past: NO_PAST })
  letIn(m, { nick })
  for (const tab of others) m.join(tab, { nick })
  return m
}

/**
 * A page of the room's archive for the gap that is to be filled next: each message as `id nick: text`.
 *
 * @throws Error where nothing is to be filled
 */
export function page(m: Machine, messages: readonly string[], { complete = false } = {}): Effect[] {
  const gap = nextGap(m.room)
  if (!gap) throw new Error('nothing is to be filled')
  const archived = messages.map((words) => {
    const [, archiveId = '', nick = '', body = ''] = /^(\S+) (\S+): (.*)$/.exec(words) ?? []
    const read = readRoomStanza(stanza(said(nick, body, { id: `i-${archiveId}`, occupantId: `o-${nick}` })), m.room.jid)
    if (read?.kind !== 'message') throw new Error(`no message: ${words}`)
    return { ...read, archiveId, delayMs: m.world.nowMs }
  })
  const last = archived.at(-1)
  const edge = last && { id: last.archiveId, stampMs: m.world.nowMs }
  return m.step({
    on: 'archive-page',
    gap,
    direction: 'forward',
    amendments: [],
    known: new Set(),
    page: { messages: archived, edge, complete },
  })
}

/** The effects of one kind. */
export function only<D extends Effect['do']>(effects: readonly Effect[], what: D): Extract<Effect, { do: D }>[] {
  return effects.filter((effect): effect is Extract<Effect, { do: D }> => effect.do === what)
}

/** The kinds of the effects, in their order. */
export const kinds = (effects: readonly Effect[]): string[] => effects.map((effect) => effect.do)

/** What is sent to the server. */
export const sent = (effects: readonly Effect[]): XmlNode[] => only(effects, 'send').map(({ stanza: node }) => node)

/** What one tab is told, in its order; what is announced is told to every tab. */
export function toldTo(effects: readonly Effect[], tab: string): TabEvent[] {
  return effects.flatMap((effect) => {
    if (effect.do === 'tell' && effect.tabs.includes(tab)) return [effect.event]
    return effect.do === 'announce' ? [effect.event] : []
  })
}

/** The kinds of what one tab is told about the room itself. */
export const toldKinds = (effects: readonly Effect[], tab: string): string[] =>
  toldTo(effects, tab)
    .map(({ kind }) => kind)
    .filter((kind) => kind !== 'membership')

/** What became of a call: its value, its error code, or nothing yet. */
export function outcome(effects: readonly Effect[], call: number): unknown {
  for (const effect of effects) {
    if (effect.do === 'answer' && effect.call === call) return effect.value
    if (effect.do === 'show' && effect.call === call) return effect.view.picture.result
    if (effect.do === 'fail' && effect.call === call) return effect.error.code
  }
  return undefined
}

/** The timers that are begun, with their time. */
export const waits = (effects: readonly Effect[]): Record<string, number> =>
  Object.fromEntries(only(effects, 'wait').map(({ name, ms }) => [name, ms]))

/** The addresses of the presences that are sent, each with its type where it has one. */
export const presencesTo = (effects: readonly Effect[]): string[] =>
  sent(effects)
    .filter(({ name }) => name === 'presence')
    .map(({ attrs }) => [attrs['type'], attrs['to']].filter((each) => each !== undefined).join(' '))

/** The rooms that are shown to tabs. */
export const shows = (effects: readonly Effect[]) => only(effects, 'show')

/** The id of the join that is under way; empty where none is. */
export const joinId = ({ room }: Machine): string => (room.occupancy.at === 'joining' ? room.occupancy.id : '')

/** The presence that asks to enter, with nothing else in it than `inside`. */
export const joinTo = (nick: string, id: string, inside = ''): XmlNode =>
  stanza(`<presence to='${ROOM}/${nick}' id='${id}'><x xmlns='${NS_MUC}'>${inside}</x></presence>`)

/** A refusal of the join that is under way. */
export const refuse = (
  m: Machine,
  condition: string,
  { nick = 'juliet', ...words }: ErrorWords & { nick?: string } = {},
) => m.hear(joinError(nick, condition, { id: joinId(m), ...words }))
