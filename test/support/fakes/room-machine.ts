import type { TabEvent } from '../../../src/contract/api.ts'
import { readRoomStanza } from '../../../src/protocol/room-stanza.ts'
import type { XmlNode } from '../../../src/protocol/xml.ts'
import type { Effect } from '../../../src/rooms/effects.ts'
import type { Input, Past } from '../../../src/rooms/inputs.ts'
import { type Context, newRoom, type Room } from '../../../src/rooms/room.ts'
import { step } from '../../../src/rooms/step.ts'
import { ACCOUNT, NS_OCCUPANT_ID, present, ROOM, subject } from './room-xml.ts'
import { stanza } from './xml.ts'

export const NO_PAST: Past = { messages: [], tailFrom: 0, subject: undefined }
export const OCCUPANT_IDS: ReadonlySet<string> = new Set([NS_OCCUPANT_ID])

export type MachineOptions = Partial<Pick<Context, 'online' | 'lingering' | 'account'>> & { readonly room?: string }

type JoinWords = { readonly nick?: string; readonly password?: string } & Partial<
  Extract<Input, { on: 'tab-joins' }>['ask']
>

/** A room's state machine with the world around it in the test's hand: each call is one input, and gives its effects. */
export interface Machine {
  readonly room: Room
  readonly world: { nowMs: number; online: boolean; lingering: boolean }
  step(input: Input): Effect[]
  /** A stanza from the room, as XML. What means nothing there is dropped, as the broker does. */
  hear(...xml: readonly string[]): Effect[]
  /** A tab calls `join()`. Calls are numbered 1, 2, 3 …, the number is the tab's last call. */
  join(tab: string, words?: JoinWords): Effect[]
  leave(tab: string, words?: { readonly status?: string; readonly everywhere?: boolean }): Effect[]
  send(tab: string, body: string, words?: { readonly id?: string; readonly waitMs?: number }): Effect[]
  time(name: string): Effect[]
  lose(): Effect[]
  back(): Effect[]
  /** The number of the last call. */
  readonly call: number
}

export function machine({
  online = true,
  lingering = false,
  account = ACCOUNT,
  room: jid = ROOM,
}: MachineOptions = {}): Machine {
  const room = newRoom(jid)
  const world = { nowMs: Date.UTC(2030, 0, 1), online, lingering }
  let ids = 0
  let call = 0
  const run = (input: Input): Effect[] => step(room, input, { ...world, account, newId: () => `new-${++ids}` })
  return {
    room,
    world,
    step: run,
    hear: (...texts) =>
      texts.flatMap((text) => {
        const meaning = readRoomStanza(stanza(text), jid)
        return meaning ? run({ on: 'stanza', stanza: meaning }) : []
      }),
    join: (tab, { nick = 'juliet', password, history, after } = {}) =>
      run({ on: 'tab-joins', tab, call: ++call, ask: { nick, password, history, after } }),
    leave: (tab, { status, everywhere = false } = {}) =>
      run({ on: 'tab-leaves', tab, call: ++call, status, everywhere }),
    send: (tab, body, { id = `m${call + 1}`, waitMs = 20_000 } = {}) =>
      run({ on: 'tab-sends', tab, call: ++call, id, body, waitMs }),
    time: (name) => run({ on: 'time', name }),
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
  m.step({ on: 'disco', features: OCCUPANT_IDS })
  return m
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
  m.step({ on: 'disco', features: OCCUPANT_IDS })
  m.hear(
    present('romeo', { occupantId: 'o-romeo' }),
    present(nick, { codes: [110], occupantId: 'o-juliet' }),
    subject(''),
  )
  for (const tab of others) m.join(tab, { nick })
  return m
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
