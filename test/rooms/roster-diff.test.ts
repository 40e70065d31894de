import { describe, expect, test } from 'vitest'
import type { Occupant } from '../../src/contract/model.ts'
import { type RosterChange, rosterDiff, sameOccupant } from '../../src/rooms/roster-diff.ts'

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

const picture = (...occupants: readonly Occupant[]): ReadonlyMap<string, Occupant> =>
  new Map(occupants.map((each) => [each.nick, each]))

const said = (change: RosterChange): string =>
  change.is === 'renamed' ? `renamed ${change.from} ${change.occupant.nick}` : `${change.is} ${change.occupant.nick}`
const diff = (before: ReadonlyMap<string, Occupant>, after: ReadonlyMap<string, Occupant>): string[] =>
  rosterDiff(before, after).map(said)

describe('rosterDiff', () => {
  test('is empty for the same picture', () => {
    const one = picture(occupant('romeo', { occupantId: '1' }), occupant('juliet'))

    expect(diff(one, picture(occupant('juliet'), occupant('romeo', { occupantId: '1' })))).toEqual([])
  })

  test('tells leaves, then renames, then joins, then changes', () => {
    const before = picture(
      occupant('erin', { occupantId: 'e' }),
      occupant('carol', { occupantId: 'c' }),
      occupant('bob', { occupantId: 'b' }),
    )
    const after = picture(
      occupant('bob', { occupantId: 'b', show: 'away' }),
      occupant('dave', { occupantId: 'd' }),
      occupant('erin2', { occupantId: 'e' }),
    )

    expect(diff(before, after)).toEqual(['left carol', 'renamed erin erin2', 'joined dave', 'changed bob'])
  })

  test('cannot tell a rename without occupant ids', () => {
    expect(diff(picture(occupant('erin')), picture(occupant('erin2')))).toEqual(['left erin', 'joined erin2'])
  })

  test('takes somebody else under the old nick for a change of the nick, and the old owner for renamed', () => {
    const before = picture(occupant('erin', { occupantId: 'e' }))
    const after = picture(occupant('erin', { occupantId: 'x' }), occupant('erin2', { occupantId: 'e' }))

    const changes = rosterDiff(before, after)

    // Whatever it is called, the tab must end with both.
    expect(changes.map(({ occupant: { nick } }) => nick).sort()).toEqual(['erin', 'erin2'])
  })

  test('tells that both have gone where two nicks had one occupant id: one person on two devices', () => {
    const before = picture(occupant('bob', { occupantId: 'b' }), occupant('bob-phone', { occupantId: 'b' }))

    expect(diff(before, picture()).sort()).toEqual(['left bob', 'left bob-phone'])
  })

  test('tells that one has gone and one goes by another nick where two nicks had one occupant id', () => {
    const before = picture(occupant('bob', { occupantId: 'b' }), occupant('bob-phone', { occupantId: 'b' }))

    const changes = rosterDiff(before, picture(occupant('robert', { occupantId: 'b' })))

    expect(changes.map(({ is }) => is)).toEqual(['left', 'renamed'])
  })

  test('tells of two that have come with one occupant id', () => {
    const after = picture(occupant('bob', { occupantId: 'b' }), occupant('bob-phone', { occupantId: 'b' }))

    expect(diff(picture(), after)).toEqual(['joined bob', 'joined bob-phone'])
  })

  test('renames once where the old nick comes back as two', () => {
    const before = picture(occupant('bob', { occupantId: 'b' }))
    const after = picture(occupant('robert', { occupantId: 'b' }), occupant('bob-phone', { occupantId: 'b' }))

    expect(diff(before, after)).toEqual(['renamed bob robert', 'joined bob-phone'])
  })

  describe('where we go by another nick now', () => {
    const us = (nick: string): Occupant => occupant(nick, { own: true, ownAccount: true, occupantId: 'j' })
    const moved = (before: readonly Occupant[], after: readonly Occupant[]): string[] =>
      rosterDiff(picture(...before), picture(...after), 'juliet').map(said)

    test.each<[string, readonly Occupant[], readonly Occupant[], readonly string[]]>([
      ['says so without occupant ids', [us('juliet')], [us('rose')], ['renamed juliet rose']],
      [
        'takes who has our old one for new there',
        [us('juliet')],
        [occupant('juliet', { occupantId: 'x' }), us('rose')],
        ['renamed juliet rose', 'joined juliet'],
      ],
      [
        'takes who had our new one for gone',
        [us('juliet'), occupant('rose', { occupantId: 'x' })],
        [us('rose')],
        ['left rose', 'renamed juliet rose'],
      ],
      [
        'and somebody has changed places with us: both are there in the end',
        [us('juliet'), occupant('rose', { occupantId: 'x' })],
        [occupant('juliet', { occupantId: 'x' }), us('rose')],
        ['left rose', 'renamed juliet rose', 'joined juliet'],
      ],
    ])('%s', (_what, before, after, words) => {
      expect(moved(before, after)).toEqual(words)
    })
  })

  test('says of somebody who was missed only that they have left', () => {
    expect(rosterDiff(picture(occupant('bob')), picture())).toEqual([
      { is: 'left', occupant: occupant('bob'), how: 'left', reason: undefined, actor: undefined },
    ])
  })

  test('gives what somebody was before a change', () => {
    const was = occupant('bob', { role: 'visitor' })

    expect(rosterDiff(picture(was), picture(occupant('bob')))).toEqual([
      { is: 'changed', occupant: occupant('bob'), before: was },
    ])
  })

  test.each(['__proto__', 'constructor'])('knows somebody called %s', (nick) => {
    expect(diff(picture(occupant(nick)), picture(occupant(nick)))).toEqual([])
    expect(diff(picture(), picture(occupant(nick)))).toEqual([`joined ${nick}`])
  })
})

describe('sameOccupant', () => {
  const full = occupant('bob', {
    occupantId: '1',
    jid: 'bob@b.example/1',
    status: 'lunch',
    avatarHash: 'da39',
    hats: [{ uri: 'u:1', title: 'Host' }],
  })

  test('is true for what looks the same', () => {
    expect(sameOccupant(full, structuredClone(full))).toBe(true)
  })

  test.each<[string, Partial<Occupant>]>([
    ['nick', { nick: 'rob' }],
    ['occupantId', { occupantId: '2' }],
    ['jid', { jid: 'bob@b.example/2' }],
    ['role', { role: 'visitor' }],
    ['affiliation', { affiliation: 'member' }],
    ['show', { show: 'xa' }],
    ['status', { status: '' }],
    ['avatarHash', { avatarHash: 'ffff' }],
    ['own', { own: true }],
    ['ownAccount', { ownAccount: true }],
    ['number of hats', { hats: [] }],
    ['address of a hat', { hats: [{ uri: 'u:2', title: 'Host' }] }],
    ['title of a hat', { hats: [{ uri: 'u:1', title: 'Guest' }] }],
  ])('is false where the %s differs', (_what, facts) => {
    expect(sameOccupant(full, { ...full, ...facts })).toBe(false)
  })

  test('is true for our own occupant under another resource: each reconnect brings one', () => {
    const ours = { ...full, own: true, ownAccount: true }

    expect(sameOccupant(ours, { ...ours, jid: 'bob@b.example/2' })).toBe(true)
  })
})
