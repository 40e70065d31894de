// Too much of everything: too long, too deep, too many, for ever, or never.
import { expect } from 'expect'
import type { Tab } from '../../support/browser/tab.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { fullJid, goodIsUnderstood, logged, says, uncounted } from '../hostile-steps.ts'
import { bodies, only, pairIn, refused, settle } from '../steps.ts'
import { got } from '../wire.ts'

const NS_MAM = 'urn:xmpp:mam:2'
const NS_RSM = 'http://jabber.org/protocol/rsm'
const NS_SM = 'urn:xmpp:sm:3'
const NS_MUC_USER = 'http://jabber.org/protocol/muc#user'
const NS_INFO = 'http://jabber.org/protocol/disco#info'
const MIB = 1_048_576
const MOST_OCCUPANTS = 50_000
const MOST_INVITES = 100
const MOST_OF_ONE = 10

/** Frames after which a stream cannot go on. */
const UNREADABLE: Readonly<Record<string, (room: string) => string>> = {
  'a stanza of more than a mebibyte': (room) => message(room, `<body>${'x'.repeat(MIB)}</body>`),
  'a document type': (room) => `<!DOCTYPE message>${message(room, '<body>forged</body>')}`,
  'entities that blow up': (room) =>
    `<!DOCTYPE m [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]>${message(room, '<body>&b;&b;</body>')}`,
  'an entity that nobody knows': (room) => message(room, '<body>&forged;</body>'),
  'a stanza without an end': (room) => message(room, '<body>forged</body>').slice(0, -4),
}

const message = (room: string, inside: string): string =>
  `<message xmlns='jabber:client' type='groupchat' from='${room}/Bob' id='h1'>${inside}</message>`

/** Breaks the connection off, so that what comes meanwhile is missed; once all is over the room is back. */
async function missed(setting: Setting, tab: Tab, said: readonly string[]): Promise<void> {
  const { wire, bob, room } = setting
  const since = await tab.mark()
  wire.refuse(true)
  wire.cut({ how: 'reset' })
  await tab.sees({ room, name: 'interrupted' }, { since })
  for (const body of said) await bob.say(room, body)
  wire.refuse(false)
}

/** An archive in the place of the room's: what it answers to each query, and how often it was asked. */
function archive({ wire, room }: Setting, page: (number: number) => readonly string[]): { asked: () => number } {
  let asked = 0
  wire.rule(({ dir, text }) => {
    const query = /queryid=["']([^"']+)/.exec(text)?.[1]
    if (dir !== 'up' || query === undefined || !text.includes(NS_MAM)) return 'pass'
    const id = /<iq[^>]* id=["']([^"']+)/.exec(text)?.[1] ?? ''
    const ids = page(asked++)
    for (const each of ids) wire.say(each.replaceAll('QUERY', query))
    const last = /<result[^>]* id='([^']+)/.exec(ids.at(-1) ?? '')?.[1]
    wire.say(
      `<iq xmlns='jabber:client' type='result' id='${id}' from='${room}'><fin xmlns='${NS_MAM}'><set xmlns='${NS_RSM}'><last>${last}</last></set></fin></iq>`,
    )
    return 'drop'
  })
  return { asked: () => asked }
}

const result = (room: string, id: string, from = room): string =>
  `<message xmlns='jabber:client' from='${room}'><result xmlns='${NS_MAM}' queryid='QUERY' id='${id}'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2030-01-01T00:00:00Z'/><message xmlns='jabber:client' type='groupchat' from='${from}/Eve' id='${id}'><body>${id}</body></message></forwarded></result></message>`

/** Archives that never come to an end: their pages by number, and how many of their messages may be told. */
const ENDLESS: readonly [what: string, page: (room: string, at: number) => string[], told: number, pages: number][] = [
  ['gives the same page again and again', (room) => ['a', 'b', 'b'].map((id) => result(room, id)), 2, 10],
  ['goes round in a circle', (room, at) => [result(room, `c${at % 3}`)], 3, 200],
  ["gives other rooms' messages", (room, at) => [result(room, `d${at}`, `other${room}`)], 0, 500],
  ['always has another page', (room, at) => [result(room, `e${at}`)], 1000, 1010],
]

export const hostileFloods: readonly Case[] = [
  ...Object.entries(UNREADABLE).map(([what, frame], at) =>
    conform(
      `H${20 + at}`,
      `After ${what} the connection is begun anew: one line in the log says so, no tab is told of it, and nothing is missed.`,
      async (setting) => {
        const { wire, room } = setting
        const [tab] = await pairIn(setting)
        const since = await tab.mark()
        const { connections } = wire.figures()

        wire.say(frame(room))
        await tab.sees({ name: 'status', event: { status: 'interrupted' } }, { since })
        await tab.sees({ name: 'status', event: { status: 'online' } }, { since })
        await settle(setting)

        expect(bodies(await tab.toldSince(since, room))).toEqual([])
        expect(await logged(setting, 'malformed')).toHaveLength(1)
        expect(wire.figures().connections).toBe(connections + 1)
        await goodIsUnderstood(setting)
      },
    ),
  ),

  conform(
    'H25',
    'What somebody nests too deep for anybody is left out; the message counts, and no connection breaks.',
    async (setting) => {
      const { room, account, bob, wire } = setting
      const tabs = await pairIn(setting)
      const { connections } = wire.figures()
      const deep = (depth: number): string =>
        `<a xmlns='urn:example:deep'>${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}</a>`

      // Rooms of some servers drop what is much deeper; nobody drops it on the way to an account.
      says(bob, `<message type='groupchat' to='${room}'><body>deep</body>${deep(70)}</message>`)
      for (const depth of [70, 500]) says(bob, `<message type='headline' to='${account}'>${deep(depth)}</message>`)
      await settle(setting)

      for (const tab of tabs) expect(bodies(await tab.told(room))).toEqual(['deep'])
      expect(wire.figures().connections).toBe(connections)
      expect(got(wire).some((stanza) => String(stanza).includes('<a>'.repeat(70)))).toBe(true)
      await goodIsUnderstood(setting)
    },
  ),

  ...ENDLESS.map(([what, page, most, pages], at) =>
    conform(
      `H${26 + at}`,
      `An archive that ${what} is given up, with a line in the log; what it has is told once, and what is said then is told.`,
      async (setting) => {
        const { room, bob } = setting
        uncounted(setting)
        await bob.say(room, 'before')
        const [tab] = await pairIn(setting)
        await settle(setting)
        const since = await tab.mark()
        const { asked } = archive(setting, (number) => page(room, number))

        await missed(setting, tab, ['missed'])
        await tab.sees({ room, name: 'resumed' }, { since })
        await bob.say(room, 'behind it')
        await tab.sees({ room, name: 'message', event: { body: 'behind it' } }, { since, ms: 60_000 })
        await settle(setting)

        const told = bodies(await tab.toldSince(since, room)).filter((body) => !['missed', 'behind it'].includes(body))
        expect(new Set(told).size).toBe(told.length)
        expect(told.length).toBe(most)
        expect(asked()).toBeGreaterThan(1)
        expect(asked()).toBeLessThanOrEqual(pages)
        expect(await logged(setting, 'its archive')).toHaveLength(1)
        const before = asked()
        await settle(setting)
        expect(asked()).toBe(before)
        await goodIsUnderstood(setting)
      },
      { deadlineMs: 120_000 },
    ),
  ),

  conform(
    'H30',
    'Of a room that sends 200,000 occupants 50,000 are kept; an error says so, once, and the room goes on.',
    async (setting) => {
      const { room, wire } = setting
      uncounted(setting)
      const [tab, second] = await pairIn(setting)
      await second.close()
      setting.wire.frames.enabled = false
      const { bytesDown } = wire.figures()
      const item = `<x xmlns='${NS_MUC_USER}'><item affiliation='none' role='participant'/></x>`

      for (let at = 0; at < 200_000; at++)
        wire.say(`<presence xmlns='jabber:client' from='${room}/crowd-${at}'>${item}</presence>`)
      const { event } = await tab.sees({ name: 'error' }, { ms: 120_000 })
      for (let at = 0; at < 1000; at++)
        wire.say(`<presence xmlns='jabber:client' type='unavailable' from='${room}/crowd-${at}'>${item}</presence>`)

      expect(event).toMatchObject({ code: 'stanza-error', condition: 'resource-constraint' })
      await tab.account('request', {
        to: setting.server.domain,
        type: 'get',
        payload: { name: 'ping', ns: 'urn:xmpp:ping', attrs: {}, children: [] },
      })
      const { rooms } = await tab.inspect()
      expect(rooms.map(({ occupants }) => occupants)).toEqual([MOST_OCCUPANTS - 1000])
      expect(await tab.page.evaluate((jid) => harness.room(jid).occupants.size, room)).toBeLessThanOrEqual(
        MOST_OCCUPANTS,
      )
      expect(wire.figures().bytesDown).toBeGreaterThanOrEqual(bytesDown)
      await setting.bob.say(room, 'good')
      await tab.untilMessage('good', 60_000)
    },
    { deadlineMs: 240_000 },
  ),

  conform(
    'H31',
    'Where the server never answers each call ends in its time, by its own error, and others can be made as before.',
    async (setting) => {
      const { room, wire, server } = setting
      uncounted(setting)
      const [tab, second] = await pairIn(setting)
      await settle(setting)
      const hole = setting.newAddress()
      const off = wire.rule(({ dir }) => (dir === 'up' ? 'drop' : 'pass'))

      const calls = [
        tab.account('request', {
          to: server.mucDomain,
          type: 'get',
          payload: { name: 'query', ns: NS_INFO, attrs: {}, children: [] },
        }),
        tab.room(room, 'configuration'),
        tab.room(room, 'kick', 'Bob'),
        tab.room(room, 'setNick', 'Other'),
        tab.room(room, 'setSubject', 'Other'),
        second.join(hole, { nick: 'Juliet' }),
        tab.bookmarks('set', { room, autojoin: false }),
      ].map(refused)
      const sending = tab.send(room, 'into the hole', { timeoutMs: 1000 })
      const reading = tab.room(room, 'history', { limit: 50 })
      await tab.advance(60_000)

      for (const { code } of await Promise.all(calls)) expect(['timeout', 'offline']).toContain(code)
      expect(['sent', 'queued']).toContain((await sending).state)
      expect((await reading).messages.map(({ body }) => body)).toEqual([])
      off()
      await goodIsUnderstood(setting)
    },
    { clock: true, ghost: true },
  ),

  conform(
    'H32',
    'Of invitations in a flood some wait for a word, of each inviter and of all; when one has got it there is room for the next.',
    async (setting) => {
      const { account, bob, wire, server } = setting
      uncounted(setting)
      const [tab] = await pairIn(setting)
      const invite = (at: number): string => `<x xmlns='jabber:x:conference' jid='trap${at}@${server.mucDomain}'/>`
      for (let at = 0; at < 60; at++) says(bob, `<message to='${account}'>${invite(at)}</message>`)
      await settle(setting)

      expect(await tab.invites()).toEqual(
        Array.from({ length: MOST_OF_ONE }, (_, at) => `trap${at}@${server.mucDomain}`),
      )

      for (let at = 100; at < 5_100; at++)
        wire.say(`<message xmlns='jabber:client' from='stranger${at}@example.org/x'>${invite(at)}</message>`)
      await settle(setting)
      expect(await tab.invites()).toHaveLength(MOST_INVITES)
      expect(await logged(setting, 'invitations: too many')).toHaveLength(1)

      await tab.account('declineInvite', `trap0@${server.mucDomain}`)
      says(bob, `<message to='${account}'>${invite(99)}</message>`)
      await tab.sees({ name: 'invite', event: { room: `trap99@${server.mucDomain}` } })
      await goodIsUnderstood(setting)
    },
  ),

  conform(
    'H33',
    'A flood of requests for acknowledgement has few answers, the last of which counts everything.',
    async (setting) => {
      const { wire } = setting
      const [tab] = await pairIn(setting)
      await settle(setting)
      const mark = wire.frames.mark()
      const FLOOD = 20_000
      const answers = (): string[] =>
        wire.frames
          .since(mark)
          .filter(({ dir, text }) => dir === 'up' && text.startsWith('<a'))
          .map(({ text }) => /h="(\d+)"/.exec(text)?.[1] ?? '')

      for (let at = 0; at < FLOOD; at++) wire.say(`<r xmlns='${NS_SM}'/>`)
      await settle(setting)
      await goodIsUnderstood(setting)
      await tab.inspect()

      expect(answers().length).toBeGreaterThan(0)
      expect(answers().length).toBeLessThan(FLOOD / 4)
      expect(answers()).toEqual([...answers()].sort((a, b) => Number(a) - Number(b)))
      expect(only(await tab.told(), 'status').map(({ event }) => event.status)).not.toContain('interrupted')
      expect(await fullJid(setting)).toMatch(/^juliet/)
    },
  ),
]
