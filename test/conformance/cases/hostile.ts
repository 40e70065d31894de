// What others say in a name that is not theirs, by a real server or as if one had passed it on.
import { expect } from 'expect'
import type { Told } from '../../support/browser/harness.ts'
import type { Tab } from '../../support/browser/tab.ts'
import { configureRoom } from '../../support/raw-room.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { fullJid, goodIsUnderstood, says, uncounted } from '../hostile-steps.ts'
import { bodies, guest, listening, names, only, pair, pairIn, settle } from '../steps.ts'
import { got, sent } from '../wire.ts'

const NS_CARBONS = 'urn:xmpp:carbons:2'
const NS_FORWARD = 'urn:xmpp:forward:0'
const NS_MAM = 'urn:xmpp:mam:2'
const NS_EVENT = 'http://jabber.org/protocol/pubsub#event'
const NS_BOOKMARKS = 'urn:xmpp:bookmarks:1'
const NS_MDS = 'urn:xmpp:mds:displayed:0'
const NS_MUC_USER = 'http://jabber.org/protocol/muc#user'
const NS_INFO = 'http://jabber.org/protocol/disco#info'

/** The spellings of an address that are others, as far as anybody knows who gets them from a server. */
const spellings = (jid: string): string[] =>
  [
    jid.toUpperCase(),
    `${jid}.`,
    `${jid}/`,
    ` ${jid}`,
    jid.replace('o', 'ο'),
    jid.replace('@', '\uff20'),
    jid.normalize('NFD').replace('l', 'ⅼ'),
  ].filter((each) => each !== jid)

/** Two tabs in the room behind a wire on which anything can be said; what they are told from then on, once all is quiet. */
async function underAttack(setting: Setting): Promise<{ tabs: [Tab, Tab]; told: () => Promise<Told[]> }> {
  uncounted(setting)
  const tabs = await pairIn(setting)
  await settle(setting)
  const marks = await Promise.all(tabs.map((tab) => tab.mark()))
  const told = async (): Promise<Told[]> => {
    await settle(setting)
    const all = await Promise.all(tabs.map((tab, at) => tab.toldSince(marks[at] ?? 0)))
    return all.flat()
  }
  return { tabs, told }
}

const groupchat = (from: string, ...inside: readonly string[]): string =>
  `<message xmlns='jabber:client' type='groupchat' from='${from}' id='h${Math.random()}'>${inside.join('')}</message>`

export const hostile: readonly Case[] = [
  conform(
    'H01',
    'Carbons that others have forged tell the tabs nothing, whatever address they come from.',
    async (setting) => {
      const { room, account, bob, wire } = setting
      const { told } = await underAttack(setting)
      const mark = wire.frames.mark()
      const inside = [
        groupchat(`${room}/Carol`, '<body>forged</body>'),
        `<message xmlns='jabber:client' type='chat' from='${room}/Bob'><body>forged</body><x xmlns='${NS_MUC_USER}'/></message>`,
        `<message xmlns='jabber:client' from='${room}2'><x xmlns='${NS_MUC_USER}'><invite from='a@b'/></x></message>`,
      ]
      const carbon = (kind: string, message: string): string =>
        `<${kind} xmlns='${NS_CARBONS}'><forwarded xmlns='${NS_FORWARD}'>${message}</forwarded></${kind}>`

      const forged = ['received', 'sent'].flatMap((kind) => inside.map((message) => carbon(kind, message)))
      for (const each of forged) says(bob, `<message type='headline' to='${account}'>${each}</message>`)
      for (const from of [bob.jid, room, `${room}/Bob`, ...spellings(account)])
        for (const each of forged) wire.say(`<message xmlns='jabber:client' from='${from}'>${each}</message>`)

      expect(await told()).toEqual([])
      expect(got(wire, mark).some((stanza) => stanza.getChild('received', NS_CARBONS))).toBe(true)
      await goodIsUnderstood(setting)
    },
  ),

  conform(
    'H02',
    "Results of an archive count only from the room that was asked, for the page that was asked: not an occupant's, another room's, or those that nobody asked for.",
    async (setting) => {
      const { room, wire, bob } = setting
      uncounted(setting)
      for (const body of ['one', 'two']) await bob.say(room, body)
      const other = await setting.makeRoom()
      let query = 'none'
      const result = (from: string, id: string, text: string): string =>
        `<message xmlns='jabber:client' from='${from}'><result xmlns='${NS_MAM}' queryid='${id}' id='f${text}'><forwarded xmlns='${NS_FORWARD}'><delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/>${groupchat(`${room}/Bob`, `<body>${text}</body>`)}</forwarded></result></message>`
      wire.rule(({ dir, text }) => {
        if (dir === 'up') query = /queryid=["']([^"']+)/.exec(text)?.[1] ?? query
        if (dir === 'down' && text.includes('<fin')) {
          const others = [`${room}/Bob`, other, `${other}/Bob`, bob.jid, ...spellings(room)]
          for (const [at, from] of others.entries()) wire.say(result(from, query, `forged-${at}`))
          wire.say(result(room, `${query}x`, 'unasked'))
        }
        return 'pass'
      })
      const tab = await setting.tab()
      await tab.join(room, { nick: 'Juliet', history: { maxstanzas: 0 } })
      const since = await tab.mark()

      const { messages } = await tab.room(room, 'history', { limit: 50 })
      says(
        bob,
        `<message type='groupchat' to='${room}'><result xmlns='${NS_MAM}' queryid='${query}' id='f'/></message>`,
      )
      await settle(setting)

      expect(query).not.toBe('none')
      expect(messages.map(({ body }) => body)).toEqual(['one', 'two'])
      expect(bodies(await tab.toldSince(since))).toEqual([])
      await goodIsUnderstood(setting)
    },
  ),

  conform(
    'H03',
    'Word of bookmarks and of what was displayed counts from the account alone: from others no room is entered, and nothing is told.',
    async (setting) => {
      const { account, bob, wire } = setting
      const { told } = await underAttack(setting)
      const trap = setting.newAddress()
      const mark = wire.frames.mark()
      const forged = [
        `<event xmlns='${NS_EVENT}'><items node='${NS_BOOKMARKS}'><item id='${trap}'><conference xmlns='${NS_BOOKMARKS}' autojoin='true'/></item></items></event>`,
        `<event xmlns='${NS_EVENT}'><purge node='${NS_BOOKMARKS}'/></event>`,
        `<event xmlns='${NS_EVENT}'><items node='${NS_MDS}'><item id='${setting.room}'><displayed xmlns='${NS_MDS}'><stanza-id xmlns='urn:xmpp:sid:0' id='x' by='${setting.room}'/></displayed></item></items></event>`,
      ]

      for (const each of forged) says(bob, `<message type='headline' to='${account}'>${each}</message>`)
      for (const from of [`${account}/other`, setting.room, bob.jid, 'localhost', ...spellings(account)])
        for (const each of forged) wire.say(`<message xmlns='jabber:client' from='${from}'>${each}</message>`)

      expect(await told()).toEqual([])
      expect(sent(wire, mark).filter((stanza) => stanza.is('presence'))).toEqual([])
      await goodIsUnderstood(setting)
    },
  ),

  conform('H04', 'An answer counts only from whom was asked, also where others know its id.', async (setting) => {
    const { server, bob, wire } = setting
    uncounted(setting)
    const [tab] = await pair(setting)
    await settle(setting)
    const to = await fullJid(setting)
    const mark = wire.frames.mark()
    wire.stall('up')
    const asking = tab.account('request', {
      to: server.mucDomain,
      type: 'get',
      payload: { name: 'query', ns: NS_INFO, attrs: {}, children: [] },
    })
    const { text } = await wire.waitForFrame(
      (frame) => frame.dir === 'up' && frame.text.includes(NS_INFO),
      10_000,
      mark,
    )
    const id = /\bid=["']([^"']+)/.exec(text)?.[1] ?? ''
    const answer = `<query xmlns='${NS_INFO}'><feature var='forged'/></query>`

    says(bob, `<iq type='result' id='${id}' to='${to}'>${answer}</iq>`)
    await wire.waitForFrame((frame) => frame.dir === 'down' && frame.text.includes('forged'), 10_000, mark)
    for (const from of [server.domain, setting.account, ...spellings(server.mucDomain)])
      wire.say(`<iq xmlns='jabber:client' type='result' id='${id}' from='${from}'>${answer}</iq>`)
    wire.say(`<iq xmlns='jabber:client' type='result' id='${id}'>${answer}</iq>`)
    wire.release('up')

    const answered = await asking
    expect(answered).toMatchObject({ attrs: { from: server.mucDomain, type: 'result' } })
    expect(JSON.stringify(answered)).not.toContain('forged')
  }),

  conform(
    'H05',
    'The id of a message is the one that the room gave it, whatever ids its sender wrote into it.',
    async (setting) => {
      const { room, bob } = setting
      const tabs = await pairIn(setting)
      const since = await tabs[0].mark()
      const forged = ['forged-room', 'forged-upper', 'forged-other', 'forged-account']
      const by = [room, room.toUpperCase(), 'other@rooms.localhost', setting.account]

      const mark = bob.mark()
      const ids = forged.map((id, at) => `<stanza-id xmlns='urn:xmpp:sid:0' id='${id}' by='${by[at]}'/>`).join('')
      says(bob, `<message type='groupchat' to='${room}' id='mine'><body>with ids</body>${ids}</message>`)
      const back = await bob.waitFor((s) => s.attrs['id'] === 'mine', { what: 'its reflection', since: mark })
      for (const tab of tabs) await tab.untilMessage('with ids')

      const real = back.getChildren('stanza-id', 'urn:xmpp:sid:0').filter(({ attrs }) => attrs['by'] === room)
      const [message] = only(await tabs[0].toldSince(since), 'message')
      expect(forged).not.toContain(message?.event.id)
      expect(real.map(({ attrs }) => attrs['id'])).toContain(message?.event.id)
      await goodIsUnderstood(setting)
    },
  ),

  conform(
    'H06',
    'Moderation counts from the room alone, and retraction and correction from who wrote the message: not from an occupant, another room, or another occupant-id.',
    async (setting) => {
      const { room, bob, wire } = setting
      const other = await setting.makeRoom()
      const { tabs, told } = await underAttack(setting)
      const [tab] = tabs
      const carol = await guest(setting, 'Carol')
      await bob.say(room, 'mine alone', { id: 'bobs' })
      await tab.untilMessage('mine alone')
      const [{ event: message } = { event: {} }] = only(await tab.told(room), 'message').slice(-1)
      const before = (await told()).length
      const target = message.id
      const moderated = (ns: string): string =>
        `<moderated xmlns='${ns}' by='${room}/Bob'><retract xmlns='urn:xmpp:message-retract:1'/></moderated>`
      const words = [
        `<retract xmlns='urn:xmpp:message-retract:1' id='${target}'/>`,
        `<retract xmlns='urn:xmpp:message-retract:1' id='${target}'>${moderated('urn:xmpp:message-moderate:1')}</retract>`,
        `<apply-to xmlns='urn:xmpp:fasten:0' id='${target}'>${moderated('urn:xmpp:message-moderate:0')}</apply-to>`,
        `<apply-to xmlns='urn:xmpp:fasten:0' id='${target}'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>`,
        `<replace xmlns='urn:xmpp:message-correct:0' id='bobs'/>`,
      ]

      for (const word of words) {
        says(carol, `<message type='groupchat' to='${room}'>${word}<store xmlns='urn:xmpp:hints'/></message>`)
        const foreign = `<occupant-id xmlns='urn:xmpp:occupant-id:0' id='somebody else'/>`
        for (const from of [other, `${other}/Bob`, `${room}/Mallory`, `${room}/`, ...spellings(room)])
          wire.say(groupchat(from, word))
        if (message.occupantId !== undefined) wire.say(groupchat(`${room}/Bob`, word, foreign))
      }
      await carol.barrier()

      expect(names((await told()).slice(before))).not.toContain('message-updated')
      expect((await told()).filter(({ name }) => name === 'message-updated')).toEqual([])
      const { messages } = await tab.room(room, 'history', { limit: 50 })
      expect(messages.find(({ id }) => id === target)).toMatchObject({ body: 'mine alone' })
      await goodIsUnderstood(setting)
    },
  ),

  conform(
    'H07',
    'Where the room does not list occupant ids, what looks like them makes nobody somebody else.',
    async (setting) => {
      const { room, bob, wire } = setting
      const other = 'urn:example:nothing'
      wire.rule(({ dir, text }) =>
        dir === 'down' && text.includes(NS_INFO) && text.includes('urn:xmpp:occupant-id:0')
          ? { replace: text.replaceAll('urn:xmpp:occupant-id:0', other) }
          : 'pass',
      )
      const { tabs, told } = await underAttack(setting)
      const [tab] = tabs
      await bob.say(room, 'mine alone')
      await tab.untilMessage('mine alone')
      await settle(setting)
      const { messages } = await tab.room(room, 'history', { limit: 1 })
      const target = messages[0]?.id
      const theirs = /occupant-id[^>]* id=["']([^"']+)/.exec(
        wire.frames.all.findLast(({ text }) => text.includes('mine alone'))?.text ?? '',
      )
      const id = `<occupant-id xmlns='urn:xmpp:occupant-id:0' id='${theirs?.[1] ?? 'any'}'/>`
      const item = `<x xmlns='${NS_MUC_USER}'><item affiliation='none' role='participant'/></x>`

      wire.say(`<presence xmlns='jabber:client' from='${room}/Mallory'>${item}${id}</presence>`)
      wire.say(groupchat(`${room}/Mallory`, `<retract xmlns='urn:xmpp:message-retract:1' id='${target}'/>`, id))

      expect((await told()).filter(({ name }) => name === 'message-updated')).toEqual([])
      const { Mallory } = await tab.occupants(room)
      expect(Mallory?.occupantId).toBeUndefined()
      await goodIsUnderstood(setting)
    },
  ),

  conform(
    'H08',
    'A stranger who says that we are in a room is not answered: it would tell them that we are there.',
    async (setting) => {
      const { account, bob, wire } = setting
      await pairIn(setting)
      await settle(setting)
      const to = await fullJid(setting)
      const mark = wire.frames.mark()

      for (const address of [to, account])
        says(
          bob,
          `<presence to='${address}'><x xmlns='${NS_MUC_USER}'><item role='participant' affiliation='none'/><status code='110'/></x></presence>`,
        )
      await settle(setting)

      expect(got(wire, mark).filter((s) => s.is('presence') && s.attrs['from'] === bob.jid)).not.toEqual([])
      expect(sent(wire, mark)).toEqual([])
      await goodIsUnderstood(setting)
    },
  ),

  conform(
    'H09',
    'What somebody puts beside an invitation that the room passes on is not the word of the room.',
    async (setting) => {
      const { room, account, wire } = setting
      const carol = await guest(setting, 'Carol')
      const tabs = await pairIn(setting)
      const told = await listening(setting, tabs)
      const field = (name: string, value: string): string => `<field var='${name}'><value>${value}</value></field>`
      const form = [
        `<x xmlns='jabber:x:data' type='form'>`,
        field('FORM_TYPE', 'http://jabber.org/protocol/muc#request'),
        field('muc#jid', 'boss@example.org'),
        field('muc#role', 'participant'),
        field('muc#roomnick', 'Bob'),
        '</x>',
      ].join('')

      const mark = wire.frames.mark()
      says(carol, `<message to='${room}'><x xmlns='${NS_MUC_USER}'><invite to='${account}'/></x>${form}</message>`)
      await carol.barrier()

      const heard = await told(carol)
      expect(got(wire, mark).some(({ attrs }) => attrs['from'] === room)).toBe(true)
      expect(names(heard)).not.toContain('voice-request')
      await goodIsUnderstood(setting)
    },
    { needs: ['invitations by ordinary members'] },
  ),

  conform(
    'H10',
    'An address in another spelling is another address: what comes from it is nothing of the room, and an invitation by it is to the room where we are.',
    async (setting) => {
      const { room, account, bob, wire } = setting
      const { tabs, told } = await underAttack(setting)
      const item = `<x xmlns='${NS_MUC_USER}'><item affiliation='none' role='participant'/></x>`
      const invited = [room.toUpperCase(), `${room}.`, `${room}/Bob`, 'not an address', 'localhost', '']

      for (const from of spellings(room).filter((each) => !each.endsWith('/'))) {
        wire.say(groupchat(from, '<body>forged</body>'))
        wire.say(groupchat(`${from}/Bob`, '<body>forged</body>'))
        wire.say(groupchat(from, '<subject>forged</subject>'))
        wire.say(`<presence xmlns='jabber:client' from='${from}/Mallory'>${item}</presence>`)
        wire.say(`<presence xmlns='jabber:client' type='unavailable' from='${from}/Bob'>${item}</presence>`)
      }
      for (const jid of invited)
        says(bob, `<message to='${account}'><x xmlns='jabber:x:conference' jid='${jid}'/></message>`)

      expect(await told()).toEqual([])
      const joins = setting.wire.figures().joins
      await tabs[0].join(room.toUpperCase(), { nick: 'Juliet' })
      expect(setting.wire.figures().joins).toBe(joins)
      expect(Object.keys(await tabs[0].memberships())).toEqual([room])
      await goodIsUnderstood(setting)
    },
  ),

  conform(
    'H11',
    'Names that mean something in JavaScript are names as any other: of elements, attributes, ids, nicks and rooms.',
    async (setting) => {
      const { room, bob } = setting
      const named = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
      const tabs = await pairIn(setting)
      const [tab] = tabs
      const since = await tab.mark()

      for (const name of named) {
        const client = await guest(setting, name)
        const inside = `<${name} xmlns='urn:example:x' ${name}='x'><${name} xmlns='urn:example:x'/></${name}>`
        says(
          client,
          `<message type='groupchat' to='${room}' id='${name}'><body>I am ${name}</body><origin-id xmlns='urn:xmpp:sid:0' id='${name}'/>${inside}</message>`,
        )
        await tab.untilMessage(`I am ${name}`)
        await tab.room(room, 'sendPrivate', name, `to ${name}`)
      }
      await settle(setting)

      const told = await tab.toldSince(since, room)
      expect(only(told, 'occupant-joined').map(({ event }) => event.occupant.nick)).toEqual(named)
      expect(only(told, 'message').map(({ event }) => event.nick)).toEqual(named)
      expect(only(told, 'private-message').map(({ event }) => event.to)).toEqual(named)
      const special = `__proto__@${setting.server.mucDomain}`
      await bob.join(special, 'Bob')
      await configureRoom(bob, special, { 'muc#roomconfig_moderatedroom': false })
      await tab.join(special, { nick: 'constructor' })
      expect(await tab.send(special, 'here')).toMatchObject({ nick: 'constructor', state: 'delivered' })
      expect(({} as Record<string, unknown>)['x']).toBeUndefined()
      expect(await tab.page.evaluate(() => Object.keys(Object.prototype))).toEqual([])
      await goodIsUnderstood(setting)
    },
  ),

  conform(
    'H12',
    'A nick with characters that nobody sees, or that turn the text around, is one of its own: it is told as it is, and is nobody else.',
    async (setting) => {
      const { room, bob, wire } = setting
      const { tabs, told } = await underAttack(setting)
      const [tab] = tabs
      await bob.say(room, 'mine alone', { id: 'bobs' })
      await tab.untilMessage('mine alone')
      const nicks = [
        '\u202eboB',
        'Bob\u200b',
        'B\u043eb',
        'Bob\u0085',
        'B\nob',
        'B\tob',
        'Bob ',
        'bob',
        '\u2066Bob\u2069',
      ]
      const escaped = (nick: string): string => nick.replace(/[\t\n\u0085]/g, (c) => `&#${c.codePointAt(0)};`)
      const item = `<x xmlns='${NS_MUC_USER}'><item affiliation='none' role='participant'/></x>`
      const before = (await told()).length

      for (const nick of nicks.map(escaped)) {
        wire.say(`<presence xmlns='jabber:client' from='${room}/${nick}'>${item}</presence>`)
        wire.say(
          groupchat(`${room}/${nick}`, `<replace xmlns='urn:xmpp:message-correct:0' id='bobs'/><body>not mine</body>`),
        )
        wire.say(`<presence xmlns='jabber:client' type='unavailable' from='${room}/${nick}'>${item}</presence>`)
      }

      const all = (await told()).slice(before)
      expect(only(all, 'message-updated')).toEqual([])
      const since = only(await tab.told(room), 'occupant-joined').slice(-nicks.length)
      expect(since.map(({ event }) => event.occupant.nick)).toEqual(nicks)
      expect(Object.keys(await tab.occupants(room)).sort()).toEqual(['Bob', 'Juliet'])
      await goodIsUnderstood(setting)
    },
  ),
]
