// Rows R36c and R36d; checks 59 to 61.
import { expect } from 'expect'
import type { Tab } from '../../support/browser/tab.ts'
import { type Element, el } from '../../support/raw-client.ts'
import { setAffiliation } from '../../support/raw-room.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { bareJid, guest, names, only, pair, pairIn, refused, settle, untilTabsAre } from '../steps.ts'
import { asks, got, isLeave, sent } from '../wire.ts'

const NS_INFO = 'http://jabber.org/protocol/disco#info'
const NS_ITEMS = 'http://jabber.org/protocol/disco#items'
const NS_OWNER = 'http://jabber.org/protocol/muc#owner'

const query = (ns: string, attrs: Readonly<Record<string, string>> = {}) => ({ name: 'query', ns, attrs, children: [] })

/** The requests with that namespace in them that the account sent since a mark. */
const asked = ({ wire }: Setting, namespace: string, mark: number): Element[] =>
  sent(wire, mark).filter((stanza) => asks(stanza, namespace) && ['get', 'set'].includes(stanza.attrs['type'] ?? ''))

/** Two tabs in a room where the account is what Bob makes it. */
async function pairAs(setting: Setting, affiliation: 'owner' | 'admin'): Promise<[Tab, Tab]> {
  await setAffiliation(setting.bob, setting.room, setting.account, affiliation)
  return pairIn(setting)
}

export const requests: readonly Case[] = [
  conform(
    'W01',
    'A tab gives and takes roles and affiliations, with a reason; every tab sees each change once.',
    async (setting) => {
      const { room } = setting
      const [first, second] = await pairAs(setting, 'owner')
      const dave = await guest(setting, 'Dave')
      await settle(setting)
      const before = [await first.mark(), await second.mark()]

      await first.room(room, 'setRole', 'Dave', 'visitor', 'be quiet')
      await second.room(room, 'setRole', 'Dave', 'participant')
      await first.room(room, 'setAffiliation', bareJid(dave), 'member', 'one of us')
      await settle(setting)

      for (const [at, tab] of [first, second].entries()) {
        const told = await tab.toldSince(before[at] ?? 0, room)
        expect(names(told)).toBe('occupant-changed occupant-changed occupant-changed')
        expect(told.map(({ event }) => `${event.occupant.role} ${event.occupant.affiliation}`)).toEqual([
          'visitor none',
          'participant none',
          'participant member',
        ])
      }
      await second.room(room, 'setAffiliation', 'absent@localhost', 'member')
      await settle(setting)
      for (const tab of [first, second]) {
        const told = only(await tab.told(room), 'affiliation-changed').map(({ event }) => event)
        expect(told).toHaveLength(1)
        expect(told[0]).toMatchObject({ jid: 'absent@localhost', affiliation: 'member' })
      }
      const members = await first.room(room, 'list', { affiliation: 'member' })
      expect(members.map(({ jid }) => jid).sort()).toEqual(['absent@localhost', bareJid(dave)].sort())
    },
  ),

  conform(
    'W02',
    'A tab throws somebody out, and another for good: every tab is told once of each, with who did it and why.',
    async (setting) => {
      const { room } = setting
      const [first, second] = await pairAs(setting, 'owner')
      const carol = await guest(setting, 'Carol')
      const dave = await guest(setting, 'Dave')
      await settle(setting)
      const before = [await first.mark(), await second.mark()]

      await first.room(room, 'kick', 'Carol', 'too loud')
      // JIDs are shown to owners: the nick will do.
      await second.room(room, 'ban', 'Dave', 'too rude')
      await settle(setting)

      for (const [at, tab] of [first, second].entries()) {
        const left = only(await tab.toldSince(before[at] ?? 0, room), 'occupant-left').map(({ event }) => event)
        expect(left).toHaveLength(2)
        expect(left[0]).toMatchObject({ kind: 'kicked', reason: 'too loud', occupant: { nick: 'Carol' } })
        expect(left[1]).toMatchObject({ kind: 'banned', reason: 'too rude', occupant: { nick: 'Dave' } })
        expect(Object.keys(await tab.occupants(room)).sort()).toEqual(['Bob', 'Juliet'])
      }
      const outcasts = await second.room(room, 'list', { affiliation: 'outcast' })
      expect(outcasts.map(({ jid }) => jid)).toEqual([bareJid(dave)])
      await expect(dave.join(room, 'Dave')).rejects.toMatchObject({ condition: 'forbidden' })
      await carol.join(room, 'Carol')
    },
  ),

  conform(
    'W03',
    'What the room does not let us do is refused to the tab that asked; nothing changes, and no other tab hears of it.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      const [seen, before, own] = [bob.mark(), await second.mark(), await first.mark()]

      const errors = [
        await refused(first.room(room, 'kick', 'Bob')),
        await refused(first.room(room, 'setAffiliation', 'somebody@localhost', 'admin')),
        await refused(first.room(room, 'configuration')),
        await refused(first.room(room, 'list', { affiliation: 'outcast' })),
        await refused(first.room(room, 'destroy')),
      ]
      await settle(setting)

      for (const { code, facts } of errors) {
        expect(['forbidden', 'not-allowed']).toContain(facts['condition'])
        expect(['forbidden', 'stanza-error']).toContain(code)
      }
      expect(await second.toldSince(before)).toEqual([])
      expect(await first.toldSince(own)).toEqual([])
      expect(bob.received(seen).filter((s) => !s.is('iq'))).toEqual([])
    },
  ),

  conform(
    'W04',
    'The lists of a room come as they are: those who are there by role, those who belong by affiliation.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairAs(setting, 'owner')
      const carol = await guest(setting, 'Carol')
      await setAffiliation(bob, room, bareJid(carol), 'admin')

      const [moderators, owners, admins, outcasts] = await Promise.all([
        first.room(room, 'list', { role: 'moderator' }),
        second.room(room, 'list', { affiliation: 'owner' }),
        first.room(room, 'list', { affiliation: 'admin' }),
        second.room(room, 'list', { affiliation: 'outcast' }),
      ])

      expect(moderators.map(({ nick }) => nick).sort()).toEqual(['Bob', 'Carol', 'Juliet'])
      expect(owners.map(({ jid }) => jid).sort()).toEqual([bareJid(bob), setting.account].sort())
      expect(admins.map(({ jid }) => jid)).toEqual([bareJid(carol)])
      expect(outcasts).toEqual([])
    },
  ),

  conform(
    'W05',
    'Two tabs open the configuration: each gets it; what one submits is told to both, and the room is asked anew once.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairAs(setting, 'owner')
      const mark = setting.wire.frames.mark()

      const [form, other] = await Promise.all([first.room(room, 'configuration'), second.room(room, 'configuration')])
      expect(other).toEqual(form)
      expect(form.fields.map(({ name }) => name)).toContain('muc#roomconfig_roomname')
      const before = [await first.mark(), await second.mark()]

      await first.room(room, 'configure', form, { 'muc#roomconfig_roomname': 'The Garden' })
      for (const tab of [first, second])
        await tab.sees({ room, name: 'config', event: { config: { name: 'The Garden' } } })
      await settle(setting)

      for (const [at, tab] of [first, second].entries()) {
        const told = only(await tab.toldSince(before[at] ?? 0, room), 'config').map(({ event }) => event)
        expect(told.filter(({ codes }) => codes.includes(104))).toHaveLength(1)
        expect((await tab.state(room)).config).toMatchObject({ name: 'The Garden', membersOnly: false })
      }
      expect(asked(setting, NS_INFO, mark).map((stanza) => stanza.attrs['to'])).toEqual([room])
      const info = await bob.request(el('iq', { type: 'get', to: room }, el('query', { xmlns: NS_INFO })))
      expect(info.getChild('query')?.getChild('identity')?.attrs['name']).toBe('The Garden')
    },
  ),

  conform('W06', 'A configuration that the room refuses is refused to the tab that submitted it.', async (setting) => {
    const { room } = setting
    const [first, second] = await pairAs(setting, 'admin')
    const before = await second.mark()

    const error = await refused(first.room(room, 'configure', { 'muc#roomconfig_roomname': 'Mine' }))
    await settle(setting)

    expect(error.facts['condition']).toBe('forbidden')
    expect(await second.toldSince(before)).toEqual([])
    expect((await second.state(room)).config?.name).not.toBe('Mine')
  }),

  conform(
    'W07',
    'A tab ends a room: every tab is told once that it is gone, why, and where it goes on; nothing is sent there again.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first, second] = await pairAs(setting, 'owner')
      const alternate = setting.newAddress()
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      await first.room(room, 'destroy', { reason: 'moved', alternate })
      for (const tab of [first, second]) await tab.sees({ room, name: 'destroyed' })
      await bob.barrier()
      await settle({ ...setting, rooms: [] })

      for (const tab of [first, second]) {
        const told = only(await tab.told(room), 'destroyed').map(({ event }) => event)
        expect(told).toEqual([{ reason: 'moved', alternate }])
        expect((await tab.state(room)).state).toBe('destroyed')
        expect(await tab.memberships()).toEqual({})
      }
      expect(sent(wire, mark).filter((stanza) => stanza.is('presence'))).toEqual([])
      expect(asked(setting, NS_OWNER, mark)).toHaveLength(1)
      const gone = bob.received(seen).find((s) => s.is('presence') && s.getChild('x')?.getChild('destroy'))
      expect(gone).toBeDefined()
    },
  ),

  conform(
    'W08',
    'Five tabs that ask what somebody can do cause one request, and each gets the answer; later ones none.',
    async (setting) => {
      const { server } = setting
      const tabs = await setting.tabs(5)
      await settle(setting)
      const mark = setting.wire.frames.mark()
      const ask = { to: server.mucDomain, type: 'get', payload: query(NS_INFO) } as const

      const answers = await Promise.all(tabs.map((tab) => tab.account('request', ask)))
      const again = await tabs[1]?.account('request', ask)

      expect(asked(setting, NS_INFO, mark)).toHaveLength(1)
      for (const answer of [...answers, again]) {
        expect(answer).toMatchObject({ name: 'iq', attrs: { type: 'result', from: server.mucDomain } })
        expect(JSON.stringify(answer)).toContain('conference')
      }
    },
  ),

  conform(
    'W09',
    'Tabs that ask different things at once each get their own answer, and a refusal goes to its asker alone.',
    async (setting) => {
      const { server, room } = setting
      const [first, second] = await pair(setting)
      const other = await setting.makeRoom()
      const before = await second.mark()
      const mark = setting.wire.frames.mark()

      const [one, two, three, error] = await Promise.all([
        first.account('request', { to: room, type: 'get', payload: query(NS_INFO) }),
        second.account('request', { to: other, type: 'get', payload: query(NS_INFO) }),
        second.account('request', { to: server.mucDomain, type: 'get', payload: query(NS_ITEMS) }),
        refused(first.account('request', { to: room, type: 'get', payload: query(NS_OWNER) })),
      ])
      await settle(setting)

      expect([one, two, three].map(({ attrs }) => attrs['from'])).toEqual([room, other, server.mucDomain])
      expect(error.facts['condition']).toBe('forbidden')
      const ids = sent(setting.wire, mark)
        .filter((s) => s.is('iq'))
        .map((s) => s.attrs['id'])
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids).toHaveLength(4)
      expect(await second.toldSince(before)).toEqual([])
    },
  ),

  conform(
    'W10',
    'The same question of two tabs goes on when the tab that asked first dies; what that one alone asked ends with it.',
    async (setting) => {
      const { room, wire } = setting
      const [first, second] = await pair(setting)
      await settle(setting)
      wire.stall('down')
      const mark = wire.frames.mark()
      const ask = { to: room, type: 'get', payload: query(NS_INFO) } as const
      const lost = [second.account('request', ask), second.account('request', { ...ask, payload: query(NS_ITEMS) })]
      for (const each of lost) each.catch(() => undefined)
      await second.inspect()
      const asking = first.account('request', ask)
      await first.inspect()
      await first.listen(true)

      await second.crash()
      await untilTabsAre(1, first)
      wire.release('down')

      expect(await asking).toMatchObject({ attrs: { from: room, type: 'result' } })
      expect(asked(setting, NS_INFO, mark)).toHaveLength(1)
      await settle(setting, first)
      const listened = only(await first.told(), 'stanza').map(({ event }) => event.stanza.name)
      expect(listened.filter((name) => name === 'iq')).toEqual([])
    },
    { needs: ['way to crash one tab'] },
  ),

  conform(
    'W11',
    'What others ask of our occupant is answered once, however many tabs are there: ping, version, time, and what we can do.',
    async (setting) => {
      const { room, wire, bob } = setting
      await pairIn(setting)
      const ask = (payload: Element): Promise<Element> =>
        bob.request(el('iq', { type: 'get', to: `${room}/Juliet` }, payload))
      const [mark, seen] = [wire.frames.mark(), bob.mark()]

      const ping = await ask(el('ping', { xmlns: 'urn:xmpp:ping' }))
      const version = await ask(el('query', { xmlns: 'jabber:iq:version' }))
      const time = await ask(el('time', { xmlns: 'urn:xmpp:time' }))
      const info = await ask(el('query', { xmlns: NS_INFO }))
      await settle(setting)

      expect(ping.attrs['type']).toBe('result')
      expect(version.getChild('query')?.getChildText('name')).toBe('minimix-web')
      const utc = Date.parse(time.getChild('time')?.getChildText('utc') ?? '')
      expect(Math.abs(utc - Date.now())).toBeLessThan(60_000)
      const features = info
        .getChild('query')
        ?.getChildren('feature')
        .map((feature) => feature.attrs['var'])
      expect(features).toContain('http://jabber.org/protocol/muc')
      const answers = sent(wire, mark).filter((s) => s.is('iq') && s.attrs['type'] === 'result')
      expect(answers).toHaveLength(4)
      expect(bob.received(seen).filter((s) => s.attrs['from'] === `${room}/Juliet`)).toHaveLength(4)
    },
  ),

  conform(
    'W12',
    'What nobody here knows is refused once; and our capabilities are what we say when we are asked for them.',
    async (setting) => {
      const { room, wire, bob } = setting
      const [first] = await pairIn(setting)
      const mark = wire.frames.mark()
      const ask = (payload: Element): Promise<Element> =>
        bob.request(el('iq', { type: 'get', to: `${room}/Juliet` }, payload))

      await expect(ask(el('query', { xmlns: 'urn:example:unknown' }))).rejects.toMatchObject({
        condition: 'service-unavailable',
      })
      const shown = bob.log.findLast((s) => s.is('presence') && s.attrs['from'] === `${room}/Juliet`)
      const { node, ver } = shown?.getChild('c', 'http://jabber.org/protocol/caps')?.attrs ?? {}
      const info = await ask(el('query', { xmlns: NS_INFO, node: `${node}#${ver}` }))
      await settle(setting)

      expect(info.getChild('query')?.attrs['node']).toBe(`${node}#${ver}`)
      const answers = sent(wire, mark).filter((s) => s.is('iq') && /result|error/.test(s.attrs['type'] ?? ''))
      expect(answers.map((s) => s.attrs['type'])).toEqual(['error', 'result'])
      expect(got(wire, mark).filter((s) => s.is('presence') && s.attrs['type'] === 'unavailable')).toEqual([])
      expect((await first.state(room)).state).toBe('in')
    },
  ),

  conform(
    'W13',
    'A tab that listens gets every stanza once, and whether the SDK knew it; one that does not listen gets none.',
    async (setting) => {
      const { room, bob } = setting
      const [first, second] = await pairIn(setting)
      await second.listen(true)
      await second.inspect()
      const [before, seen] = [await second.mark(), bob.mark()]

      await bob.say(room, 'hello')
      bob.send(el('message', { to: setting.account, id: 'strange' }, el('x', { xmlns: 'urn:example:strange' })))
      const unknown = el('query', { xmlns: 'urn:example:unknown' })
      await bob.request(el('iq', { type: 'get', to: `${room}/Juliet` }, unknown)).catch(() => undefined)
      await second.sees({ name: 'stanza', event: { stanza: { name: 'iq' } } })
      await settle(setting)

      const all = only(await second.toldSince(before), 'stanza').map(({ event }) => event)
      // What the account says of messages that were displayed comes back to it, a moment later.
      const told = all.filter(({ stanza }) => stanza.attrs.from !== setting.account)
      const found = told.map(({ stanza, handled }) => ({ name: stanza.name, from: stanza.attrs.from, handled }))
      expect(found).toEqual([
        { name: 'message', from: `${room}/Bob`, handled: true },
        { name: 'message', from: bob.jid, handled: false },
        { name: 'iq', from: `${room}/Bob`, handled: false },
      ])
      expect(told[1]).toMatchObject({ stanza: { attrs: { id: 'strange' }, children: [{ ns: 'urn:example:strange' }] } })
      expect(only(await first.told(), 'stanza')).toEqual([])
      expect(
        bob
          .received(seen)
          .filter((s) => s.attrs['type'] === 'error')
          .map(({ name }) => name),
      ).toEqual(['iq'])

      await second.listen(false)
      await second.inspect()
      const later = await second.mark()
      await bob.say(room, 'again')
      await settle(setting)
      expect(names(await second.toldSince(later))).toBe('message')
      expect(sent(setting.wire).filter(isLeave)).toEqual([])
    },
  ),
]
