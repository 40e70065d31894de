import { describe, expect, test } from 'vitest'
import { NS_CLIENT } from '../../src/protocol/stanza.ts'
import {
  entersRoom,
  joinPresence,
  leavePresence,
  leavesRoom,
  readJoinRefusal,
  readMucUser,
  readSubject,
  roomAddress,
} from '../../src/protocol/xep-0045-muc.ts'
import { textEl } from '../../src/protocol/xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const USER = "xmlns='http://jabber.org/protocol/muc#user'"
const MUC = "xmlns='http://jabber.org/protocol/muc'"
const user = (inside: string) => readMucUser(stanza(`<presence from='r@m/n'><x ${USER}>${inside}</x></presence>`))

describe('readMucUser', () => {
  test('reads the item of an occupant', () => {
    expect(user("<item affiliation='owner' role='moderator' jid='a@b/c'/>")?.items).toEqual([
      { affiliation: 'owner', role: 'moderator', jid: 'a@b/c', nick: undefined, actor: undefined, reason: undefined },
    ])
  })

  test('reads every item where a nick has several sessions', () => {
    const items = user("<item jid='a@b/1'/><item jid='a@b/2'/>")?.items

    expect(items?.map(({ jid }) => jid)).toEqual(['a@b/1', 'a@b/2'])
  })

  test('reads who did it and why', () => {
    const [item] =
      user("<item role='none'><actor nick='alice' jid='a@b/c'/><reason>go away</reason></item>")?.items ?? []

    expect([item?.actor, item?.reason]).toEqual(['alice', 'go away'])
  })

  test('names an actor by their JID where they have no nick', () => {
    expect(user("<item><actor jid='a@b/c'/></item>")?.items[0]?.actor).toBe('a@b/c')
  })

  test('has no actor and no reason where they are empty', () => {
    const [item] = user('<item><actor/><reason/></item>')?.items ?? []

    expect([item?.actor, item?.reason]).toEqual([undefined, undefined])
  })

  test.each([
    ["affiliation='king' role='god'"],
    ["affiliation='__proto__' role='constructor'"],
    ["affiliation='Owner' role='Moderator'"],
    [''],
  ])('takes an item with %j for none in both', (attributes) => {
    const [item] = user(`<item ${attributes}/>`)?.items ?? []

    expect([item?.affiliation, item?.role]).toEqual(['none', 'none'])
  })

  test('reads the status codes in their order, on either side of the item', () => {
    expect(user("<status code='201'/><item/><status code='110'/>")?.codes).toEqual([201, 110])
  })

  test.each(['', 'abc', '11O', '1.5', '-', 'NaN', 'Infinity', ' ', '1e2', '0x6e'])(
    'does not take %j for a status code',
    (code) => {
      expect(user(`<status code='${code}'/><status/>`)?.codes).toEqual([])
    },
  )

  test('reads a destroyed room', () => {
    const destroyed = user("<destroy jid='other@m'><reason>closed</reason><password>key</password></destroy><item/>")

    expect(destroyed?.destroy).toEqual({ alternate: 'other@m', reason: 'closed', password: 'key' })
  })

  test('reads a destroyed room that says nothing more', () => {
    expect(user('<destroy/>')?.destroy).toEqual({ alternate: undefined, reason: undefined, password: undefined })
  })

  test('takes items of another namespace for nothing', () => {
    expect(user("<item xmlns='urn:other' role='moderator'/>")?.items).toEqual([])
  })

  test.each(['', `<x ${MUC}/>`, "<x xmlns='vcard-temp:x:update'/>"])(
    'is nothing where the presence holds %j',
    (inside) => {
      expect(readMucUser(stanza(`<presence>${inside}</presence>`))).toBeUndefined()
    },
  )
})

describe('joinPresence', () => {
  test('asks to enter under a nick', () => {
    expect(joinPresence('r@m/Juliet', { id: '1' })).toEqual(
      stanza(`<presence to='r@m/Juliet' id='1'><x ${MUC}/></presence>`),
    )
  })

  test('brings what the account shows of itself, so that nobody flickers', () => {
    const shown = [textEl(NS_CLIENT, 'show', 'away'), undefined, textEl(NS_CLIENT, 'status', 'lunch')]

    expect(joinPresence('r@m/n', { id: '1' }, shown)).toEqual(
      stanza(`<presence to='r@m/n' id='1'><show>away</show><status>lunch</status><x ${MUC}/></presence>`),
    )
  })

  test('brings password and every history limit', () => {
    const history = { maxStanzas: 0, maxChars: 1000, seconds: 60, sinceMs: Date.UTC(2026, 0, 1) }

    expect(joinPresence('r@m/n', { id: '1', password: 'pa<ss', history })).toEqual(
      stanza(
        `<presence to='r@m/n' id='1'><x ${MUC}><history maxstanzas='0' maxchars='1000' seconds='60' since='2026-01-01T00:00:00.000Z'/><password>pa&lt;ss</password></x></presence>`,
      ),
    )
  })

  test('brings an empty password, which is one', () => {
    expect(joinPresence('r@m/n', { id: '1', password: '' }).children).toHaveLength(1)
    expect(JSON.stringify(joinPresence('r@m/n', { id: '1', password: '' }))).toContain('password')
  })
})

describe('leavePresence', () => {
  test('is an unavailable presence to the occupant', () => {
    expect(leavePresence('r@m/n', '1')).toEqual(stanza("<presence to='r@m/n' id='1' type='unavailable'/>"))
  })

  test('says why', () => {
    expect(leavePresence('r@m/n', '1', 'bye')).toEqual(
      stanza("<presence to='r@m/n' id='1' type='unavailable'><status>bye</status></presence>"),
    )
  })
})

test.each([
  [`<presence to='r@m/n'><x ${MUC}/></presence>`, true, false],
  ["<presence to='r@m/n'/>", false, false],
  ["<presence to='r@m/n' type='unavailable'/>", false, true],
  [`<presence to='r@m/n' type='unavailable'><x ${MUC}/></presence>`, false, true],
  ["<presence type='unavailable'/>", false, false],
  ['<presence/>', false, false],
  [`<message to='r@m' type='groupchat'><x ${MUC}/></message>`, false, false],
  ["<message to='r@m' type='unavailable'/>", false, false],
  [`<presence to='r@m/n'><x ${USER}/></presence>`, false, false],
])('%s enters a room: %s, leaves one: %s', (text, enters, leaves) => {
  expect([entersRoom(stanza(text)), leavesRoom(stanza(text))]).toEqual([enters, leaves])
})

test.each([
  ['not-authorized', 'password-required'],
  ['conflict', 'nick-conflict'],
  ['not-acceptable', 'nick-not-acceptable'],
  ['forbidden', 'banned'],
  ['registration-required', 'members-only'],
  ['item-not-found', 'locked'],
  ['not-allowed', 'creation-forbidden'],
  ['gone', 'gone'],
  ['service-unavailable', 'full'],
  ['resource-constraint', 'full'],
  ['remote-server-not-found', 'unreachable'],
  ['remote-server-timeout', 'unreachable'],
  ['bad-request', undefined],
  ['undefined-condition', undefined],
  ['constructor', undefined],
  ['__proto__', undefined],
])('a join refused with %s is %j', (condition, refusal) => {
  expect(readJoinRefusal(condition)).toBe(refusal)
})

test.each([
  ['other@m', 'other@m'],
  ['Other@M', 'other@m'],
  ['xmpp:other@m', 'other@m'],
  ['xmpp:other@m?join', 'other@m'],
  ['xmpp:other@m?join;password=key', 'other@m'],
  ['xmpp:caf%C3%A9@m?join', 'café@m'],
  ['other@m/nick', 'other@m'],
  ['xmpp:%E0%A4@m', undefined],
  ['xmpp:', undefined],
  ['@m', undefined],
  ['', undefined],
])('%j is the address of the room %j', (text, address) => {
  expect(roomAddress(text)).toBe(address)
})

describe('readSubject', () => {
  const read = (inside: string) => readSubject(stanza(`<message type='groupchat'>${inside}</message>`))

  test('is the new subject', () => {
    expect(read('<subject>Fire &amp; water</subject>')).toBe('Fire & water')
  })

  test('is empty where the room has none', () => {
    expect(read('<subject/>')).toBe('')
  })

  test('may be delayed', () => {
    expect(read("<subject>s</subject><delay xmlns='urn:xmpp:delay' from='r@m' stamp='2026-11-22T05:36:05Z'/>")).toBe(
      's',
    )
  })

  test.each([
    ['a body', '<subject>s</subject><body>b</body>'],
    ['an empty body', '<subject>s</subject><body/>'],
    ['a thread', '<subject>s</subject><thread>t</thread>'],
  ])('is no change beside %s', (_what, inside) => {
    expect(read(inside)).toBeUndefined()
  })

  test.each(['', '<body>b</body>', "<subject xmlns='urn:other'>s</subject>"])('is not in %j', (inside) => {
    expect(read(inside)).toBeUndefined()
  })
})
