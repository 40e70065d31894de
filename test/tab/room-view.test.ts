import { describe, expect, test } from 'vitest'
import type { RoomPicture, RoomTabEvent } from '../../src/contract/api.ts'
import type { Occupant } from '../../src/contract/model.ts'
import { foldRoom, interrupt, newRoomView, type RoomView, toMessage } from '../../src/tab/room-view.ts'
import { ROOM } from '../support/fakes/room-xml.ts'
import { sharedMessage as message } from '../support/fakes/shared-message.ts'

const occupant = (nick: string, facts: Partial<Occupant> = {}): Occupant => ({
  nick,
  role: 'participant',
  affiliation: 'none',
  show: 'online',
  hats: [],
  own: false,
  ownAccount: false,
  ...facts,
})
const JULIET = occupant('juliet', { own: true, ownAccount: true })
const ROMEO = occupant('romeo', { occupantId: 'o-romeo' })

const picture = (facts: Partial<RoomPicture> = {}): RoomTabEvent => ({
  kind: 'room-joined',
  room: ROOM,
  occupants: [ROMEO],
  self: JULIET,
  result: { nick: 'juliet', codes: [110], created: false, nickAssigned: false },
  history: [message(0)],
  subject: { text: 'Verona' },
  outbox: [],
  before: 1,
  archive: 'archive-1',
  atMs: 1000,
  ...facts,
})

const inView = (): RoomView => {
  const view = newRoomView()
  foldRoom(view, picture(), 't1')
  return view
}
const fold = (view: RoomView, event: RoomTabEvent) => foldRoom(view, event, 't1')
const names = (told: ReturnType<typeof foldRoom>): string[] => told.map(({ name }) => name)
const where = { room: ROOM, synthetic: false }

describe('a room that is entered', () => {
  test('is told as if this tab had joined by itself: the others, ourselves, history, subject', () => {
    expect(fold(newRoomView(), picture())).toEqual([
      { name: 'occupant-joined', event: { occupant: ROMEO, initial: true, synthetic: false } },
      { name: 'joined', event: { nick: 'juliet', codes: [110], created: false, nickAssigned: false } },
      { name: 'message', event: expect.objectContaining({ body: 'message 0', history: true }) },
      { name: 'subject', event: { text: 'Verona' } },
    ])
  })

  test('is there, with ourselves among the occupants', () => {
    const view = inView()

    expect(view).toMatchObject({ phase: 'in', nick: 'juliet', subject: { text: 'Verona' } })
    expect(view.cursor).toEqual({ order: 0, archive: 'archive-1', atMs: 1000 })
    expect([...view.occupants.keys()]).toEqual(['romeo', 'juliet'])
  })
})

describe('an occupant', () => {
  test('who comes is there', () => {
    const view = inView()
    const nurse = occupant('nurse')

    expect(fold(view, { kind: 'occupant-joined', ...where, occupant: nurse })).toEqual([
      { name: 'occupant-joined', event: { occupant: nurse, initial: false, synthetic: false } },
    ])
    expect(view.occupants.get('nurse')).toBe(nurse)
  })

  test('who changes is told with what they were', () => {
    const view = inView()
    const away = { ...ROMEO, show: 'away' as const }

    expect(fold(view, { kind: 'occupant-changed', ...where, occupant: away })).toEqual([
      { name: 'occupant-changed', event: { occupant: away, before: ROMEO, synthetic: false } },
    ])
  })

  test('who goes is told as they were', () => {
    const view = inView()

    expect(
      fold(view, { kind: 'occupant-left', ...where, nick: 'romeo', how: 'kicked', reason: 'go away', actor: 'tybalt' }),
    ).toEqual([
      {
        name: 'occupant-left',
        event: { occupant: ROMEO, kind: 'kicked', reason: 'go away', actor: 'tybalt', synthetic: false },
      },
    ])
    expect(view.occupants.has('romeo')).toBe(false)
  })

  test('who goes without a reason has none', () => {
    const [told] = fold(inView(), { kind: 'occupant-left', ...where, nick: 'romeo', how: 'left' })

    expect(told?.event).toEqual({ occupant: ROMEO, kind: 'left', synthetic: false })
  })

  test('who goes by another nick is told with the old one, and is not ours', () => {
    const view = inView()
    const montague = { ...ROMEO, nick: 'montague' }

    expect(fold(view, { kind: 'nick-changed', ...where, from: 'romeo', occupant: montague })).toEqual([
      { name: 'nick-changed', event: { occupant: montague, before: ROMEO, own: false, synthetic: false } },
    ])
    expect([...view.occupants.keys()]).toEqual(['juliet', 'montague'])
    expect(view.nick).toBe('juliet')
  })

  test('who is ourselves, by another nick', () => {
    const view = inView()

    const [told] = fold(view, {
      kind: 'nick-changed',
      ...where,
      from: 'juliet',
      occupant: { ...JULIET, nick: 'capulet' },
    })

    expect(told).toMatchObject({ event: { own: true, before: JULIET } })
    expect(view.nick).toBe('capulet')
  })

  test.each<RoomTabEvent>([
    { kind: 'occupant-changed', ...where, occupant: occupant('mercutio') },
    { kind: 'occupant-left', ...where, nick: 'mercutio', how: 'left' },
  ])('who is not there cannot do what $kind says', (event) => {
    const view = inView()

    expect(fold(view, event)).toEqual([])
    expect([...view.occupants.keys()]).toEqual(['romeo', 'juliet'])
  })

  test.each(['__proto__', 'constructor'])('can be called %s', (nick) => {
    const view = inView()

    fold(view, { kind: 'occupant-joined', ...where, occupant: occupant(nick) })
    const told = fold(view, { kind: 'occupant-left', ...where, nick, how: 'left' })

    expect(told).toMatchObject([{ event: { occupant: { nick } } }])
  })
})

describe('a message', () => {
  test('is live, and moves the place up to which this tab has everything', () => {
    const view = inView()

    expect(fold(view, { kind: 'message', message: message(7) })).toMatchObject([
      { name: 'message', event: { body: 'message 7', history: false } },
    ])
    expect(view.cursor).toMatchObject({ order: 7, archive: 'archive-1' })
  })

  test('is this tab’s own where this tab wrote it', () => {
    expect(toMessage(message(1, { tab: 't1' }), false, 't1').fromThisTab).toBe(true)
    expect(toMessage(message(1, { tab: 't2' }), false, 't1').fromThisTab).toBe(false)
    expect(toMessage(message(1), false, 't1').fromThisTab).toBe(false)
  })

  test('shows the app nothing of how the broker orders it', () => {
    const shown = toMessage(message(1, { tab: 't1' }), true, 't1')

    expect(shown).not.toHaveProperty('order')
    expect(shown).not.toHaveProperty('tab')
    expect(shown.history).toBe(true)
  })

  test('that waited and is in the archive after all waits no more, though it goes by another id there', () => {
    const view = newRoomView()
    foldRoom(view, picture({ outbox: [message(0, { id: 'x1', originId: 'x1', state: 'sent' })] }), 't1')
    expect([...view.outbox.keys()]).toEqual(['x1'])

    fold(view, { kind: 'message-updated', message: message(0, { id: 'a0', originId: 'x1' }), change: 'state' })

    expect([...view.outbox.keys()]).toEqual([])
  })

  test('that is updated is told with what changed, and moves nothing', () => {
    const view = inView()

    expect(fold(view, { kind: 'message-updated', message: message(0), change: 'state' })).toMatchObject([
      { name: 'message-updated', event: { change: 'state', message: { id: 'a0' } } },
    ])
    expect(view.cursor?.order).toBe(0)
  })
})

describe('an end', () => {
  test.each<[RoomTabEvent, string, string, object]>([
    [{ kind: 'left', room: ROOM, everywhere: true }, 'out', 'left', { everywhere: true }],
    [{ kind: 'removed', room: ROOM, how: 'banned' }, 'removed', 'removed', { kind: 'banned' }],
    [
      { kind: 'removed', room: ROOM, how: 'kicked', actor: 'tybalt', reason: 'go' },
      'removed',
      'removed',
      { kind: 'kicked', actor: 'tybalt', reason: 'go' },
    ],
    [{ kind: 'destroyed', room: ROOM }, 'destroyed', 'destroyed', {}],
    [
      { kind: 'destroyed', room: ROOM, reason: 'closed', alternate: 'other@m' },
      'destroyed',
      'destroyed',
      { reason: 'closed', alternate: 'other@m' },
    ],
  ])('by %j makes it %s, and %s is told', (event, phase, name, told) => {
    const view = inView()

    expect(fold(view, event)).toEqual([{ name, event: told }])
    expect(view).toMatchObject({ phase, nick: undefined, cursor: undefined })
    expect(view.occupants.size).toBe(0)
  })
})

describe('an interruption', () => {
  test('keeps everything that is known', () => {
    const view = inView()

    expect(fold(view, { kind: 'interrupted', room: ROOM, cause: 'connection' })).toEqual([
      { name: 'interrupted', event: { cause: 'connection' } },
    ])
    expect(view).toMatchObject({ phase: 'interrupted', nick: 'juliet', cursor: { order: 0 } })
    expect(view.occupants.size).toBe(2)
  })

  test('that is told twice is one', () => {
    const view = inView()
    interrupt(view, 'worker')

    expect(interrupt(view, 'connection')).toEqual([])
  })

  test.each(['out', 'joining', 'removed', 'destroyed'] as const)('of a room that is %s is none', (phase) => {
    const view = newRoomView()
    view.phase = phase

    expect(interrupt(view, 'worker')).toEqual([])
    expect(view.phase).toBe(phase)
  })

  test('ends with our new self, which is nobody’s news', () => {
    const view = inView()
    interrupt(view, 'connection')
    const self = { ...JULIET, jid: 'juliet@capulet.example/web-2' }

    expect(fold(view, { kind: 'resumed', room: ROOM, cause: 'rejoined', self })).toEqual([
      { name: 'resumed', event: { cause: 'rejoined' } },
    ])
    expect(view.phase).toBe('in')
    expect(view.occupants.get('juliet')).toBe(self)
  })

  test('cannot end where there was none', () => {
    expect(fold(inView(), { kind: 'resumed', room: ROOM, cause: 'rejoined', self: JULIET })).toEqual([])
  })
})

describe('a picture of a room that this tab was in already', () => {
  const interruptedView = (): RoomView => {
    const view = inView()
    fold(view, { kind: 'occupant-joined', ...where, occupant: occupant('erin', { occupantId: 'e' }) })
    interrupt(view, 'worker')
    return view
  }

  test('is told as a difference, and not as a join', () => {
    const told = fold(
      interruptedView(),
      picture({ occupants: [occupant('erin2', { occupantId: 'e' }), occupant('dave')], history: [] }),
    )

    expect(names(told)).toEqual(['occupant-left', 'nick-changed', 'occupant-joined', 'resumed'])
    expect(told.slice(0, 3)).toMatchObject([
      { event: { synthetic: true } },
      { event: { synthetic: true, before: { nick: 'erin' }, own: false } },
      { event: { synthetic: true, initial: false } },
    ])
  })

  test('brings what was missed as ordinary messages, and nothing a second time', () => {
    const view = interruptedView()

    const told = fold(
      view,
      picture({
        occupants: [ROMEO, occupant('erin', { occupantId: 'e' })],
        history: [message(0), message(1)],
        before: 2,
      }),
    )

    expect(told).toMatchObject([{ name: 'message', event: { body: 'message 1', history: false } }, { name: 'resumed' }])
    expect(view.cursor?.order).toBe(1)
  })

  test('says nothing of a subject that is the same, and tells another', () => {
    const occupants = [ROMEO, occupant('erin', { occupantId: 'e' })]

    expect(names(fold(interruptedView(), picture({ occupants, history: [] })))).toEqual(['resumed'])
    expect(names(fold(interruptedView(), picture({ occupants, history: [], subject: { text: 'Mantua' } })))).toEqual([
      'subject',
      'resumed',
    ])
  })

  test('does not say that anything was resumed where nothing was interrupted', () => {
    const view = inView()

    expect(fold(view, picture())).toEqual([])
  })

  test('follows our nick', () => {
    const view = interruptedView()
    const self = occupant('capulet', { own: true, ownAccount: true })

    fold(view, picture({ self, occupants: [ROMEO] }))

    expect(view.nick).toBe('capulet')
    expect([...view.occupants.keys()]).toEqual(['romeo', 'capulet'])
  })

  test('tells that we go by another nick as just that, also where our old one is somebody else’s by now', () => {
    const view = interruptedView()
    const self = occupant('juliet_', { own: true, ownAccount: true })

    const told = fold(view, picture({ self, occupants: [ROMEO, occupant('juliet', { occupantId: 'x' })], history: [] }))

    expect(told.map(({ name, event }) => [name, 'occupant' in event && event.occupant.nick])).toEqual([
      ['occupant-left', 'erin'],
      ['nick-changed', 'juliet_'],
      ['occupant-joined', 'juliet'],
      ['resumed', false],
    ])
    expect([...view.occupants.values()].filter(({ own }) => own)).toEqual([self])
  })

  test('keeps its place where there is no history', () => {
    const view = interruptedView()

    fold(view, picture({ history: [] }))

    expect(view.cursor?.order).toBe(0)
  })
})

test('a room that was left is entered anew: everybody is initial again', () => {
  const view = inView()
  fold(view, { kind: 'left', room: ROOM, everywhere: false })

  expect(names(fold(view, picture()))).toEqual(['occupant-joined', 'joined', 'message', 'subject'])
})

test('a change of the configuration is told with its codes', () => {
  expect(fold(inView(), { kind: 'config', room: ROOM, codes: [104] })).toEqual([
    { name: 'config', event: { codes: [104] } },
  ])
})
