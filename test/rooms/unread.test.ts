import { describe, expect, test } from 'vitest'
import type { RoomConfig } from '../../src/protocol/room-config.ts'
import type { Effect } from '../../src/rooms/effects.ts'
import type { Past } from '../../src/rooms/inputs.ts'
import {
  inRoom,
  kinds,
  letIn,
  type Machine,
  type MachineOptions,
  machine,
  only,
  ROMEO,
  self,
} from '../support/fakes/room-machine.ts'
import { ROOM, said, subject, told, whispered } from '../support/fakes/room-xml.ts'
import { sharedMessage } from '../support/fakes/shared-message.ts'

const CONFIG: RoomConfig = {
  membersOnly: false,
  moderated: false,
  passwordProtected: false,
  persistent: true,
  public: true,
  nonAnonymous: false,
  archived: false,
  features: [],
}
const NO_PAST: Past = { messages: [], gaps: undefined, outbox: [], subject: undefined }

/** Says what the room shows of unread messages after each step. */
const counts = ({ room }: Machine): [count: number, mentions: number] => [room.unread.count, room.unread.mentions]
const hide = (m: Machine, ...tabs: readonly string[]): void => {
  m.world.hiddenTabs = new Set(tabs)
}
const say = (m: Machine, id: string, body = `says ${id}`): Effect[] =>
  m.hear(said('romeo', body, { id, archiveId: id }))
const own = (m: Machine, id: string): Effect[] => m.hear(said('juliet', 'mine', { id, archiveId: id }))
const announced = (effects: readonly Effect[]) =>
  only(effects, 'announce').flatMap(({ event }) => (event.kind === 'unread' ? [[event.unread, event.mentions]] : []))

/** A machine that is in, by tabs at which nobody looks. */
function unseen({ tabs = ['t1'], ...options }: MachineOptions & { tabs?: readonly string[] } = {}): Machine {
  const m = inRoom({ tabs, ...options })
  hide(m, ...tabs)
  return m
}

/** The store answers what it was asked, with what is behind the message. */
function counted(m: Machine, effects: readonly Effect[], order: number | undefined, count = 0, mentions = 0): Effect[] {
  const [asked] = only(effects, 'count-unread')
  if (!asked) throw new Error('the store was not asked')
  const message = order === undefined ? undefined : sharedMessage(order, { id: asked.id })
  return m.step({ on: 'unread-counted', counted: { ...asked, message, count, mentions } })
}

describe('a message of somebody', () => {
  test('is counted where nobody sees it, stored with it, and told to all tabs', () => {
    const m = unseen()

    say(m, 'a1')
    const effects = say(m, 'a2', 'Juliet, hark')

    expect(counts(m)).toEqual([2, 1])
    expect(only(effects, 'save-unread')).toEqual([
      { do: 'save-unread', row: { room: ROOM, count: 2, mentions: 1, readUpTo: -1 } },
    ])
    expect(announced(effects)).toEqual([[2, 1]])
  })

  test('is counted where no tab has joined', () => {
    const m = machine()
    m.keep()
    m.step({ on: 'loaded', past: NO_PAST })
    letIn(m)

    say(m, 'a1')

    expect(counts(m)).toEqual([1, 0])
  })

  test('is read where one tab of several is visible, and that writes nothing', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })
    hide(m, 't1')

    const effects = say(m, 'a1')

    expect(counts(m)).toEqual([0, 0])
    expect(only(effects, 'save-unread')).toEqual([])
    expect(announced(effects)).toEqual([])
  })

  test('is not read by a tab that shows something else, until it shows the room', () => {
    const m = inRoom()
    m.step({ on: 'tab-shows', tab: 't1', shown: false })
    say(m, 'a1')
    expect(counts(m)).toEqual([1, 0])

    const effects = m.step({ on: 'tab-shows', tab: 't1', shown: true })

    expect(announced(effects)).toEqual([[0, 0]])
  })

  test('is not read by a tab that joins without showing the room', () => {
    const m = machine()
    const ask = { nick: 'juliet', password: undefined, history: undefined, shown: false }
    m.step({ on: 'tab-joins', tab: 't1', call: 1, ask })
    m.step({ on: 'loaded', past: NO_PAST })
    letIn(m)

    say(m, 'a1')

    expect(counts(m)).toEqual([1, 0])
  })

  test('is read when a tab becomes visible, and when one that is visible joins', () => {
    const [shown, joined] = [unseen(), unseen()]
    for (const m of [shown, joined]) say(m, 'a1')

    hide(shown)
    const effects = shown.step({ on: 'visible' })
    joined.join('t2')

    expect(announced(effects)).toEqual([[0, 0]])
    expect([counts(shown), counts(joined)]).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  test('that the room sends twice counts once', () => {
    const m = unseen()
    say(m, 'a1')
    say(m, 'a1')

    expect(counts(m)).toEqual([1, 0])
  })
})

test('who says something, on whichever device, has read all before it', () => {
  const m = unseen()
  say(m, 'a1')

  const effects = own(m, 'a2')

  expect(counts(m)).toEqual([0, 0])
  expect(only(effects, 'displayed')).toEqual([{ do: 'displayed', id: 'a2', markable: false }])
})

describe('the history of a join', () => {
  const history = [told('romeo', 'long ago', 'a1'), told('romeo', 'Juliet', 'a2')]
  const kept = (past: Past): Machine => {
    const m = machine()
    m.keep()
    m.step({ on: 'loaded', past })
    letIn(m, { history })
    return m
  }

  test('is not unread where we were never there before, and nobody is told that we saw it', () => {
    const m = machine()
    m.keep()
    m.step({ on: 'loaded', past: NO_PAST })

    const effects = letIn(m, { history })

    expect(counts(m)).toEqual([0, 0])
    expect(announced(effects)).toEqual([])
    expect(only(effects, 'displayed')).toEqual([])
    expect(only(effects, 'notify')).toEqual([])
  })

  test('is unread as far as it came since we were there', () => {
    const messages = [sharedMessage(0, { id: 'a1' })]

    expect(counts(kept({ ...NO_PAST, messages, gaps: [] }))).toEqual([1, 1])
  })

  test('adds to what was unread before', () => {
    const messages = [sharedMessage(0, { id: 'a1' })]
    const unread = { count: 1, mentions: 0, readUpTo: -1 }

    expect(counts(kept({ ...NO_PAST, messages, gaps: [], unread }))).toEqual([2, 1])
  })
})

describe('markDisplayed', () => {
  const marked = (m: Machine, id: string, call = 99): Effect[] => m.step({ on: 'displayed', id, call })
  const four = (): Machine => {
    const m = unseen()
    for (const id of ['a0', 'a1', 'a2', 'a3']) say(m, id)
    return m
  }

  test('leaves what the store has behind the message', () => {
    const m = four()

    const effects = counted(m, marked(m, 'a1'), 1, 2, 1)

    expect(counts(m)).toEqual([2, 0])
    expect(only(effects, 'answer')).toEqual([{ do: 'answer', call: 99, value: null }])
    expect(only(effects, 'displayed')).toEqual([{ do: 'displayed', id: 'a1', markable: false }])
    // Whose promise resolves sees what the call has changed.
    expect(kinds(effects).indexOf('announce')).toBeLessThan(kinds(effects).indexOf('answer'))
  })

  test('of an older message than was read already changes nothing', () => {
    const m = four()
    counted(m, marked(m, 'a2'), 2, 1)

    const effects = counted(m, marked(m, 'a0'), 0, 3)

    expect(counts(m)).toEqual([1, 0])
    expect(effects).toEqual([{ do: 'answer', call: 99, value: null }])
  })

  test('asks the store again where something came meanwhile', () => {
    const m = four()
    const asked = marked(m, 'a1')
    say(m, 'a4')

    const again = counted(m, asked, 1, 2)
    expect(counts(m)).toEqual([5, 0])
    counted(m, again, 1, 3)

    expect(counts(m)).toEqual([3, 0])
  })

  test('of an unknown message fails', () => {
    const m = four()

    const [failed] = only(counted(m, marked(m, 'nobody-said-this'), undefined), 'fail')

    expect(failed).toMatchObject({ call: 99, error: { code: 'stanza-error', condition: 'item-not-found' } })
    expect(counts(m)).toEqual([4, 0])
  })

  test('fails in a room of which nothing is known', () => {
    const m = machine()

    expect(only(marked(m, 'a1'), 'fail')[0]?.error.code).toBe('not-joined')
  })

  test('that is answered when nobody holds the room any more asks for nothing', () => {
    const m = four()
    const asked = marked(m, 'a1')
    m.room.loaded = false

    expect(only(counted(m, asked, 1, 2), 'count-unread')).toEqual([])
  })
})

describe('another device', () => {
  const elsewhere = (m: Machine, id: string): Effect[] => m.step({ on: 'displayed', id })

  test('reads in all tabs what it has displayed', () => {
    const m = unseen()
    for (const id of ['a0', 'a1', 'a2']) say(m, id)

    expect(announced(counted(m, elsewhere(m, 'a1'), 1, 1))).toEqual([[1, 0]])
  })

  test('may have displayed what comes here only later', () => {
    const m = unseen()
    say(m, 'a0')
    counted(m, elsewhere(m, 'a1'), undefined)
    expect(counts(m)).toEqual([1, 0])

    say(m, 'a1')
    expect(counts(m)).toEqual([0, 0])
    say(m, 'a2')

    expect(counts(m)).toEqual([1, 0])
  })
})

describe('a catch-up', () => {
  const page = (...ids: readonly string[]) => ({
    messages: ids.map((id) => ({
      kind: 'message' as const,
      nick: id.startsWith('own') ? 'juliet' : 'romeo',
      archiveId: id,
      originId: undefined,
      stanzaId: id,
      body: `says ${id}`,
      delayMs: 1,
      occupantId: undefined,
      amends: undefined,
      stanza: sharedMessage(0).stanza,
    })),
    edge: undefined,
    complete: true,
  })
  /** A machine that was away, at which nobody looks, and that reads up what it missed. */
  function back(): { m: Machine; fill: (...ids: readonly string[]) => Effect[] } {
    const m = inRoom()
    const features = new Set(['urn:xmpp:mam:2'])
    m.disco(features)
    say(m, 'a0')
    hide(m, 't1')
    m.lose()
    m.back()
    m.disco(features)
    m.hear(ROMEO, self(), subject(''))
    const gap = m.room.timeline.gaps.at(-1)
    if (!gap || !m.room.catchUp) throw new Error('nothing is read up')
    return {
      m,
      fill: (...ids) =>
        m.step({ on: 'archive-page', gap, direction: 'forward', page: page(...ids), amendments: [], known: new Set() }),
    }
  }

  test('counts what was missed, and writes it down once a page', () => {
    const { m, fill } = back()

    const effects = fill('b1', 'b2', 'b3')

    expect(counts(m)).toEqual([3, 0])
    expect(only(effects, 'save-unread')).toHaveLength(1)
    expect(only(effects, 'notify')).toEqual([])
  })

  test('in which we said something ourselves leaves what came behind that', () => {
    const { m, fill } = back()
    say(m, 'c1')

    const effects = fill('b1', 'own2', 'b3')

    expect(counts(m)).toEqual([4, 0])
    const { id, was } = only(effects, 'count-unread')[0] ?? {}
    expect(id).toBe('own2')
    // Something was counted behind it, so the store is asked again.
    expect(was).not.toBe(m.room.unread)
  })

  test('says nothing of what was displayed until it has ended, and then how far that is', () => {
    const { m, fill } = back()
    say(m, 'c1')
    hide(m)

    expect(only(m.step({ on: 'visible' }), 'displayed')).toEqual([])
    fill('b1')
    m.step({ on: 'gaps-closed' })
    const { from, before } = { from: m.room.catchUp?.untold ?? 0, before: m.room.timeline.nextOrder }
    const effects = m.step({ on: 'stored-read', read: { from, before, messages: [] } })

    expect(m.room.catchUp).toBeUndefined()
    expect(only(effects, 'displayed')).toEqual([{ do: 'displayed', id: 'c1', markable: false }])
  })

  test('that ends with nothing behind it has displayed its last message', () => {
    const { m, fill } = back()
    fill('b1', 'b2')
    hide(m)

    expect(only(m.step({ on: 'gaps-closed' }), 'displayed')).toEqual([{ do: 'displayed', id: 'b2', markable: false }])
  })
})

describe('a notification', () => {
  const notified = (effects: readonly Effect[]): string[] =>
    only(effects, 'notify').map(({ reason, message }) => `${reason} ${message.body}`)

  test('is made of what mentions us, and of what is for us alone', () => {
    const m = unseen()

    expect(notified(say(m, 'a1', 'Juliet!'))).toEqual(['mention Juliet!'])
    expect(notified(m.hear(whispered('romeo', 'psst', { id: 'w1' })))).toEqual(['private psst'])
  })

  test('is made of nothing else', () => {
    const m = unseen()

    expect(notified(say(m, 'a1'))).toEqual([])
    expect(notified(own(m, 'a2'))).toEqual([])
    expect(
      notified(m.hear(whispered('romeo', 'old', { id: 'w', delay: { from: ROOM, stamp: '2029-01-01T00:00:00Z' } }))),
    ).toEqual([])
  })

  test.each([
    ['always', ['message says a1', 'mention Juliet!', 'private psst']],
    ['on-mention', ['mention Juliet!', 'private psst']],
    ['never', []],
    [undefined, ['mention Juliet!', 'private psst']],
  ] as const)('is made of what the person wants, which is %s', (when, made) => {
    const m = unseen()
    m.world.notifyWhen = (room) => (room === ROOM ? when : 'always')

    const effects = [...say(m, 'a1'), ...say(m, 'a2', 'Juliet!'), ...m.hear(whispered('romeo', 'psst', { id: 'w1' }))]

    expect(notified(effects)).toEqual(made)
  })

  test('is made of everything in a room for members only, unless the person says otherwise', () => {
    const m = unseen()
    m.step({ on: 'disco', features: new Set(), config: { ...CONFIG, membersOnly: true } })
    expect(notified(say(m, 'a1'))).toEqual(['message says a1'])

    m.step({ on: 'disco', features: new Set(), config: CONFIG })
    expect(notified(say(m, 'a2'))).toEqual([])
    m.step({ on: 'disco', features: new Set(), config: { ...CONFIG, membersOnly: true } })
    m.world.notifyWhen = () => 'on-mention'
    expect(notified(say(m, 'a3'))).toEqual([])
  })

  test('is not made where somebody sees the message', () => {
    const m = inRoom()
    m.world.notifyWhen = () => 'always'

    expect(notified(say(m, 'a1', 'Juliet!'))).toEqual([])
    expect(notified(m.hear(whispered('romeo', 'psst', { id: 'w1' })))).toEqual([])
  })
})

test('what its sender wants to know of is told of as that, when it is seen', () => {
  const m = unseen()
  const markable = "<markable xmlns='urn:xmpp:chat-markers:0'/></message>"
  m.hear(said('romeo', 'see me', { id: 'a1', archiveId: 'a1' }).replace('</message>', markable))
  hide(m)

  const effects = m.step({ on: 'visible' })

  expect(only(effects, 'displayed')).toEqual([{ do: 'displayed', id: 'a1', markable: true }])
  expect(only(say(m, 'a2'), 'displayed')).toEqual([{ do: 'displayed', id: 'a2', markable: false }])
})

test('a tab that enters is shown the counts, where there is something unread', () => {
  const m = unseen({ tabs: ['t1', 't2'] })
  m.leave('t2')
  say(m, 'a1', 'Juliet')

  const [show] = only(m.join('t2'), 'show')

  expect(show?.view.picture.unread).toEqual({ count: 1, mentions: 1 })
})
