import { describe, expect, test } from 'vitest'
import { type OccupantPresence, readRoomStanza } from '../../src/protocol/room-stanza.ts'
import {
  applyPresence,
  claimOwnNick,
  departureOf,
  emptyRoster,
  forgetOccupantIds,
  type Roster,
  type RosterView,
} from '../../src/rooms/roster.ts'
import { ACCOUNT, gone, present, ROOM, renamed } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const VIEW: RosterView = { account: ACCOUNT, occupantIds: true }

function presence(text: string): OccupantPresence {
  const read = readRoomStanza(stanza(text), ROOM)
  if (read?.kind !== 'presence') throw new Error(`not a presence of an occupant: ${text}`)
  return read
}

const apply = (roster: Roster, text: string, view = VIEW) => applyPresence(roster, presence(text), view)

/** A roster with these occupants; the last one is our own. */
function rosterOf(...texts: readonly string[]): Roster {
  const roster = emptyRoster()
  for (const text of texts) apply(roster, text)
  const own = [...roster.byNick.keys()].at(-1)
  if (own !== undefined) claimOwnNick(roster, own)
  return roster
}

describe('an available presence', () => {
  test('of a new nick is somebody who has joined', () => {
    const roster = emptyRoster()

    const change = apply(roster, present('romeo', { role: 'moderator', affiliation: 'owner', occupantId: 'o1' }))

    expect(change).toEqual({
      is: 'joined',
      occupant: {
        nick: 'romeo',
        occupantId: 'o1',
        role: 'moderator',
        affiliation: 'owner',
        show: 'online',
        hats: [],
        own: false,
        ownAccount: false,
      },
    })
    expect(roster.byNick.get('romeo')).toBe(change?.occupant)
  })

  test.each([
    ['show', { show: 'away' }],
    ['status', { status: 'lunch' }],
    ['role', { role: 'visitor' }],
    ['affiliation', { affiliation: 'member' }],
    ['jid', { jid: 'romeo@montague.example/orchard' }],
    ['occupant id', { occupantId: 'o2' }],
  ])('with another %s is a change', (_what, words) => {
    const roster = rosterOf(present('romeo'), present('juliet'))
    const before = roster.byNick.get('romeo')

    expect(apply(roster, present('romeo', words))).toMatchObject({ is: 'changed', before })
  })

  test('that says nothing new is no change', () => {
    const words = { show: 'away', status: 'lunch', jid: 'romeo@montague.example/x', occupantId: 'o1' }
    const roster = rosterOf(present('romeo', words), present('juliet'))

    expect(apply(roster, present('romeo', words))).toBeUndefined()
  })

  test('takes away what it does not repeat', () => {
    const roster = rosterOf(present('romeo', { show: 'away', status: 'lunch' }), present('juliet'))

    apply(roster, present('romeo'))

    expect(roster.byNick.get('romeo')).toEqual({
      nick: 'romeo',
      role: 'participant',
      affiliation: 'none',
      show: 'online',
      hats: [],
      own: false,
      ownAccount: false,
    })
  })

  test('of our own nick without our JID is no change: ejabberd leaves it out when a second session of ours joins', () => {
    const roster = rosterOf(present('juliet', { jid: `${ACCOUNT}/web-1`, codes: [110] }))

    expect(apply(roster, present('juliet'))).toBeUndefined()
    expect(roster.byNick.get('juliet')?.jid).toBe(`${ACCOUNT}/web-1`)
  })

  test('of our own nick that lists our other session, too, is no change', () => {
    const roster = rosterOf(present('juliet', { jid: `${ACCOUNT}/web-1`, codes: [110] }))
    const twoItems = present('juliet', {
      jid: `${ACCOUNT}/web-1`,
      codes: [110],
      inside: `<item affiliation='none' role='participant' jid='${ACCOUNT}/phone'/>`,
    })

    expect(apply(roster, twoItems)).toBeUndefined()
  })

  test('without an item keeps role and affiliation', () => {
    const roster = rosterOf(present('romeo', { role: 'moderator', affiliation: 'owner' }), present('juliet'))
    const text = `<presence from='${ROOM}/romeo'><show>dnd</show><x xmlns='http://jabber.org/protocol/muc#user'/></presence>`

    expect(apply(roster, text)).toMatchObject({
      is: 'changed',
      occupant: { role: 'moderator', affiliation: 'owner', show: 'dnd' },
    })
  })

  test.each(['__proto__', 'constructor', 'toString'])('can come from somebody called %s', (nick) => {
    const roster = emptyRoster()

    expect(apply(roster, present(nick))).toMatchObject({ is: 'joined', occupant: { nick } })
    expect(apply(roster, gone(nick))).toMatchObject({ is: 'left', occupant: { nick } })
  })
})

describe('our own account', () => {
  test('is behind a nick whose JID is ours', () => {
    const roster = rosterOf(present('juliet'))

    apply(roster, present('phone', { jid: `${ACCOUNT}/phone` }))

    expect(roster.byNick.get('phone')).toMatchObject({ own: false, ownAccount: true })
  })

  test('is behind a nick of which any session is ours', () => {
    const roster = rosterOf(present('juliet'))

    apply(roster, present('phone', { jid: 'x@y/z', inside: `<item jid='${ACCOUNT}/phone'/>` }))

    expect(roster.byNick.get('phone')?.ownAccount).toBe(true)
  })

  test('is behind a nick with our occupant id', () => {
    const roster = rosterOf(present('juliet', { occupantId: 'o-ours' }))

    apply(roster, present('phone', { occupantId: 'o-ours' }))

    expect(roster.byNick.get('phone')).toMatchObject({ own: false, ownAccount: true })
  })

  test.each(['romeo@montague.example/x', `${ACCOUNT}.evil.example/x`, `x${ACCOUNT}/x`])('is not behind %s', (jid) => {
    const roster = rosterOf(present('juliet'))

    apply(roster, present('romeo', { jid }))

    expect(roster.byNick.get('romeo')?.ownAccount).toBe(false)
  })

  test('is found among those who were there before we knew our nick', () => {
    const roster = emptyRoster()
    apply(roster, present('phone', { occupantId: 'o-ours' }))
    apply(roster, present('romeo', { occupantId: 'o-romeo' }))
    apply(roster, present('juliet', { occupantId: 'o-ours' }))

    claimOwnNick(roster, 'juliet')

    expect([...roster.byNick.values()].map(({ nick, own, ownAccount }) => [nick, own, ownAccount])).toEqual([
      ['phone', false, true],
      ['romeo', false, false],
      ['juliet', true, true],
    ])
  })

  test('is not everybody where nobody has an occupant id', () => {
    const roster = rosterOf(present('romeo'), present('juliet'))

    expect(roster.byNick.get('romeo')?.ownAccount).toBe(false)
  })
})

describe('occupant ids', () => {
  test('of a room that does not list the feature are not taken', () => {
    const roster = emptyRoster()

    apply(roster, present('romeo', { occupantId: 'forged' }), { ...VIEW, occupantIds: false })

    expect(roster.byNick.get('romeo')).not.toHaveProperty('occupantId')
  })

  test('are forgotten where the room turns out not to have them', () => {
    const roster = rosterOf(present('romeo', { occupantId: 'forged' }), present('juliet'))

    forgetOccupantIds(roster)

    expect(roster.byNick.get('romeo')).not.toHaveProperty('occupantId')
    expect(roster.byNick.size).toBe(2)
  })
})

describe('an unavailable presence', () => {
  test('is somebody who has left', () => {
    const roster = rosterOf(present('romeo'), present('juliet'))
    const occupant = roster.byNick.get('romeo')

    expect(apply(roster, gone('romeo'))).toEqual({
      is: 'left',
      occupant,
      how: 'left',
      reason: undefined,
      actor: undefined,
    })
    expect(roster.byNick.has('romeo')).toBe(false)
  })

  test('of a nick that is not there changes nothing: rooms that hide roles send them', () => {
    const roster = rosterOf(present('juliet'))

    expect(apply(roster, gone('mercutio'))).toBeUndefined()
  })

  test('says who did it and why', () => {
    const roster = rosterOf(present('romeo'), present('juliet'))

    expect(apply(roster, gone('romeo', { codes: [307], actor: 'tybalt', reason: 'go away' }))).toMatchObject({
      is: 'left',
      how: 'kicked',
      reason: 'go away',
      actor: 'tybalt',
    })
  })

  test('gives the status text as the reason where there is no other', () => {
    const roster = rosterOf(present('romeo'), present('juliet'))

    expect(apply(roster, gone('romeo', { status: 'Replaced by new connection' }))).toMatchObject({
      reason: 'Replaced by new connection',
    })
  })
})

describe('a nick change', () => {
  test('moves the occupant, who stays who they are', () => {
    const roster = rosterOf(present('romeo', { occupantId: 'o1', show: 'away' }), present('juliet'))
    const [unavailable] = renamed('romeo', 'montague')

    expect(apply(roster, unavailable)).toMatchObject({
      is: 'renamed',
      from: 'romeo',
      occupant: { nick: 'montague', occupantId: 'o1', show: 'away' },
    })
    expect([...roster.byNick.keys()]).toEqual(['juliet', 'montague'])
  })

  test('brings nothing new with its second presence', () => {
    const roster = rosterOf(present('romeo'), present('juliet'))
    const [unavailable, available] = renamed('romeo', 'montague')
    apply(roster, unavailable)

    expect(apply(roster, available)).toBeUndefined()
  })

  test('of our own nick gives us another own nick', () => {
    const roster = rosterOf(present('juliet', { codes: [110] }))
    const [unavailable, available] = renamed('juliet', 'capulet', { codes: [110] })

    apply(roster, unavailable)

    expect(roster.ownNick).toBe('capulet')
    expect(apply(roster, available)).toBeUndefined()
    expect(roster.byNick.get('capulet')?.own).toBe(true)
  })

  test('to a nick that is there already merges the two', () => {
    const roster = rosterOf(present('romeo'), present('romeo-phone'), present('juliet'))
    const [unavailable] = renamed('romeo-phone', 'romeo')

    apply(roster, unavailable)

    expect([...roster.byNick.keys()].sort()).toEqual(['juliet', 'romeo'])
  })

  test('of our other device to our own nick leaves it ours', () => {
    const roster = rosterOf(present('phone', { occupantId: 'o-ours' }), present('juliet', { occupantId: 'o-ours' }))
    const [unavailable] = renamed('phone', 'juliet')

    apply(roster, unavailable)

    expect(roster.byNick.get('juliet')?.own).toBe(true)
  })

  test('of somebody who is not there changes nothing', () => {
    const roster = rosterOf(present('juliet'))
    const [unavailable] = renamed('mercutio', 'montague')

    expect(apply(roster, unavailable)).toBeUndefined()
  })
})

describe('departureOf', () => {
  test.each([
    [[], 'left'],
    [[110], 'left'],
    [[301], 'banned'],
    [[301, 110], 'banned'],
    [[301, 307], 'banned'],
    [[307], 'kicked'],
    [[110, 307], 'kicked'],
    [[307, 333], 'left'],
    [[333], 'left'],
    [[110, 333], 'left'],
    [[321], 'not-a-member'],
    [[322], 'not-a-member'],
    [[322, 110], 'not-a-member'],
    [[332], 'shutdown'],
    [[110, 332], 'shutdown'],
    [[999], 'left'],
  ])('the codes %j mean %s', (codes, how) => {
    expect(departureOf(codes)).toBe(how)
  })
})
