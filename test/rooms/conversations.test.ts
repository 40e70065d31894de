// Whole conversations of real servers, as one client got them (test/fixtures/traces), told to the machine of a room in
// place of that client. What the client sent is what a tab asks for.
import { describe, expect, test } from 'vitest'
import { bareOf, resourceOf } from '../../src/protocol/jid.ts'
import { NS_CLIENT } from '../../src/protocol/stanza.ts'
import { entersRoom, leavesRoom } from '../../src/protocol/xep-0045-muc.ts'
import { readOccupantId } from '../../src/protocol/xep-0421-occupant-id.ts'
import { childText, type XmlNode } from '../../src/protocol/xml.ts'
import type { Effect } from '../../src/rooms/effects.ts'
import { type Machine, machine, NO_PAST, OCCUPANT_IDS } from '../support/fakes/room-machine.ts'
import { present, subject } from '../support/fakes/room-xml.ts'
import { roomOf, type Server, type TraceFrame, trace } from '../support/fakes/traces.ts'
import { xml } from '../support/fakes/xml.ts'

const BOB = 'bob/one'
const ACCOUNT = 'bob@localhost'

interface Conversation {
  readonly frames: readonly TraceFrame[]
  readonly room: string
}

function conversation(server: Server, situation: string): Conversation {
  const frames = trace(server, situation).filter(({ who }) => who === BOB)
  const room = frames.map((frame) => roomOf(xml(frame.xml))).find((jid) => jid !== undefined)
  if (room === undefined) throw new Error(`${server} ${situation}: no room`)
  return { frames, room }
}

/** The machine of a tab whose client was in before the conversation began. */
function alreadyIn(server: Server, { frames, room }: Conversation): Machine {
  const m = machine({ account: ACCOUNT, room })
  const idOf = (...nicks: readonly string[]): { occupantId?: string } => {
    const ids = frames
      .map((frame) => xml(frame.xml))
      .filter(({ attrs }) => nicks.includes(resourceOf(attrs['from'] ?? '') ?? ''))
      .flatMap((node) => readOccupantId(node) ?? [])
    return ids[0] === undefined ? {} : { occupantId: ids[0] }
  }
  m.join('t1', { nick: 'bob' })
  m.step({ on: 'loaded', past: NO_PAST })
  m.step({ on: 'disco', features: featuresOf(server) })
  m.hear(
    present('alice', { room, role: 'moderator', affiliation: 'owner', ...idOf('alice') }),
    present('bob', { room, codes: [110], jid: `${ACCOUNT}/one`, ...idOf('bob', 'bobby') }),
    subject('', { room }),
  )
  return m
}

/** ejabberd 23.01 has no occupant ids (situation 06). */
const featuresOf = (server: Server): ReadonlySet<string> => (server === 'ejabberd' ? new Set() : OCCUPANT_IDS)

/** Lets the machine have the conversation, and gives what came of it. */
function have(m: Machine, server: Server, { frames, room }: Conversation): string[] {
  return frames.flatMap((frame) => {
    const node = xml(frame.xml)
    if (frame.direction === 'to client') return roomOf(node) === room ? inWords(m.hear(frame.xml)) : []
    return bareOf(node.attrs['to'] ?? '') === room ? inWords(ask(m, server, node)) : []
  })
}

/** What the client sent, as a tab's wish. What the SDK cannot ask for (a nick change, a show) is left out: its answers come all the same. */
function ask(m: Machine, server: Server, node: XmlNode): Effect[] {
  const { to = '', id = '' } = node.attrs
  if (entersRoom(node)) {
    return [
      ...m.join('t1', { nick: resourceOf(to) ?? '' }),
      ...(m.room.loaded ? [] : m.step({ on: 'loaded', past: NO_PAST })),
      ...m.step({ on: 'disco', features: featuresOf(server) }),
    ]
  }
  if (leavesRoom(node)) return m.leave('t1')
  const body = childText(node, NS_CLIENT, 'body')
  return node.name === 'message' && body !== undefined ? m.send('t1', body, { id }) : []
}

/** What the tab is told, answered and refused, what goes out and what is stored; housekeeping is left out. */
function inWords(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect): string[] => {
    switch (effect.do) {
      case 'send':
        return [`sends ${effect.stanza.name} ${effect.stanza.attrs['type'] ?? 'available'}`]
      case 'append':
        return [`stores ${effect.message.nick}: ${effect.message.body}`]
      case 'show': {
        const { occupants, self, result, subject: topic } = effect.view.picture
        const others = occupants.map(({ nick, role }) => `${nick} (${role})`).join(', ')
        return [
          `shows ${others || 'nobody'}, self ${self.nick} (${self.role}), codes ${result.codes.join(' ')}, "${topic.text}"`,
        ]
      }
      case 'tell':
        return effect.tabs.includes('t1') ? [toldInWords(effect.event)] : []
      case 'announce':
        return effect.event.kind === 'membership' ? [`membership ${effect.event.change}`] : []
      case 'answer':
        return [
          typeof effect.value === 'object' && effect.value && 'body' in effect.value
            ? `answers with ${effect.value.id ? 'the message' : '?'}`
            : 'answers',
        ]
      case 'fail':
        return [`fails ${effect.error.code}`]
      default:
        return []
    }
  })
}

function toldInWords(event: Extract<Effect, { do: 'tell' }>['event']): string {
  switch (event.kind) {
    case 'occupant-joined':
    case 'occupant-changed': {
      const { nick, role, show, own } = event.occupant
      return `${event.kind} ${nick} (${role}, ${show}${own ? ', own' : ''})`
    }
    case 'occupant-left':
      return `occupant-left ${event.nick} ${event.how}`
    case 'nick-changed':
      return `nick-changed ${event.from} ${event.occupant.nick}${event.occupant.own ? ' (own)' : ''}`
    case 'message':
      return `message ${event.message.nick}: ${event.message.body}${event.message.own ? ' (own)' : ''}`
    case 'subject':
      return `subject "${event.subject.text}"`
    case 'removed':
      return `removed ${event.how} by ${event.actor} (${event.reason})`
    case 'destroyed':
      return `destroyed ${event.alternate} (${event.reason})`
    case 'interrupted':
      return `interrupted ${event.cause}`
    default:
      return event.kind
  }
}

const PROSODY = ['prosody', 'prosody13'] as const
const EJABBERD = ['ejabberd', 'ejabberd24'] as const
const ALL = [...PROSODY, ...EJABBERD] as const

test.each(ALL)('11 on %s: a join of a room with a message, and one of ours', (server) => {
  const talk = conversation(server, '11')
  const m = machine({ account: ACCOUNT, room: talk.room })

  expect(have(m, server, talk)).toEqual([
    'sends presence available',
    'stores alice: history one',
    'shows alice (moderator), self bob (participant), codes 110, "The subject"',
    'membership joined',
    'sends message groupchat',
    'stores bob: hello from bob',
    'message bob: hello from bob (own)',
    'answers with the message',
  ])
})

test.each(ALL)('17 on %s: our nick changes once, and an error to another change is no news', (server) => {
  const talk = conversation(server, '17')

  expect(have(alreadyIn(server, talk), server, talk)).toEqual(['nick-changed bob bobby (own)'])
})

test.each(ALL)('19 on %s: we are away, and then gone without having asked for it: the account comes back', (server) => {
  const talk = conversation(server, '19')
  const m = alreadyIn(server, talk)

  expect([...have(m, server, talk), ...inWords(m.time('rejoin'))]).toEqual([
    'occupant-changed bob (participant, away, own)',
    'interrupted technical',
    'sends presence available',
  ])
})

describe('23: we are kicked, may not write, and join again', () => {
  const kicked = [
    'removed kicked by alice (go away)',
    'membership removed',
    'fails not-joined',
    'sends presence available',
  ]
  const back = (others: string): string[] => [
    `shows ${others}, self bob (participant), codes 110, ""`,
    'membership joined',
  ]

  test('on prosody', () => {
    const talk = conversation('prosody', '23')

    expect(have(alreadyIn('prosody', talk), 'prosody', talk)).toEqual([
      'occupant-joined carol (participant, online)',
      ...kicked,
      ...back('alice (moderator), carol (participant)'),
    ])
  })

  test('on prosody13', () => {
    const talk = conversation('prosody13', '23')

    expect(have(alreadyIn('prosody13', talk), 'prosody13', talk)).toEqual([
      ...kicked,
      ...back('carol (participant), alice (moderator)'),
    ])
  })

  test.each(EJABBERD)('on %s', (server) => {
    const talk = conversation(server, '23')

    expect(have(alreadyIn(server, talk), server, talk)).toEqual([
      ...kicked,
      ...back('alice (moderator), carol (participant)'),
    ])
  })
})

describe('25: the room is destroyed, and then asked for again', () => {
  const destroyed = ['destroyed other@muc.localhost (closed)', 'membership removed', 'sends presence available']

  test.each(PROSODY)('on %s, which says where it went', (server) => {
    const talk = conversation(server, '25')

    expect(have(alreadyIn(server, talk), server, talk)).toEqual([...destroyed, 'fails room-gone'])
  })

  test.each(EJABBERD)('on %s, which leaves 110 out and makes it anew', (server) => {
    const talk = conversation(server, '25')
    const m = alreadyIn(server, talk)

    const words = [...have(m, server, talk), ...inWords(m.step({ on: 'disco', features: featuresOf(server) }))]

    expect(words).toEqual([
      ...destroyed,
      'shows nobody, self bob (moderator), codes 201 110, ""',
      'configuration-needed',
      'membership joined',
    ])
  })
})

describe('40: our other device joins under the same nick, writes, goes away, and we leave', () => {
  const said = [
    'stores bob: from two',
    'message bob: from two (own)',
    'stores alice: from alice',
    'message alice: from alice',
  ]
  const left = ['sends presence unavailable', 'left', 'membership left', 'answers']

  test.each(PROSODY)('on %s, which shows others and us our first device', (server) => {
    const talk = conversation(server, '40')

    expect(have(alreadyIn(server, talk), server, talk)).toEqual([...said, ...left])
  })

  test.each(EJABBERD)('on %s, which shows others and us our newest device', (server) => {
    const talk = conversation(server, '40')

    expect(have(alreadyIn(server, talk), server, talk)).toEqual([
      ...said,
      'occupant-changed bob (participant, away, own)',
      ...left,
    ])
  })
})

describe('42: our nick changes while our other device keeps the old one, and both nicks are kicked', () => {
  const have42 = (server: Server): string[] => {
    const talk = conversation(server, '42')
    return have(alreadyIn(server, talk), server, talk)
  }

  test.each(PROSODY)('on %s, which says that the nick has changed', (server) => {
    expect(have42(server)).toEqual([
      'nick-changed bob bobby (own)',
      'occupant-joined bob (participant, online)',
      'occupant-left bob kicked',
      'removed kicked by alice (undefined)',
      'membership removed',
    ])
  })

  test.each(EJABBERD)(
    'on %s, which does not say so: the tabs hear it all the same, and the kick of the other nick is not ours',
    (server) => {
      const words = have42(server)

      expect(words).toContain('nick-changed bob bobby (own)')
      expect(words).toContain('occupant-left bob kicked')
      expect(words.slice(-2)).toEqual(['removed kicked by alice (undefined)', 'membership removed'])
    },
  )
})

test.each(ALL)('43 on %s: what a room sends a second time is no news, but the subject is told', (server) => {
  const talk = conversation(server, '43')
  const m = alreadyIn(server, talk)
  // The client asked for it; a tab that is in is answered at once, and nothing goes out.
  const words = have(m, server, talk)

  expect(words.filter((word) => word.startsWith('sends'))).toEqual([])
  expect(words.filter((word) => word.startsWith('stores'))).toEqual(['stores alice: hist'])
  expect(words.filter((word) => word.startsWith('occupant'))).toEqual(
    server === 'ejabberd' || server === 'ejabberd24' ? ['occupant-joined carol (participant, online)'] : [],
  )
})
