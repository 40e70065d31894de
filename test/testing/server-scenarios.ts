import { afterEach, describe, expect, test } from 'vitest'
import type { Stream, Upstream } from '../../src/broker/ports.ts'
import { bareOf, domainOf, resourceOf } from '../../src/protocol/jid.ts'
import { readRoomConfig } from '../../src/protocol/room-config.ts'
import { iq, message, NS_CLIENT, presence } from '../../src/protocol/stanza.ts'
import { readStanzaError } from '../../src/protocol/stanza-error.ts'
import { submitForm } from '../../src/protocol/xep-0004-forms.ts'
import { readList } from '../../src/protocol/xep-0045-admin.ts'
import { NS_MUC, NS_MUC_USER, readMucUser } from '../../src/protocol/xep-0045-muc.ts'
import { readDelay } from '../../src/protocol/xep-0203-delay.ts'
import { archiveQuery, readArchiveFin, readArchiveResult } from '../../src/protocol/xep-0313-mam.ts'
import { originId, readOriginId, readStanzaId } from '../../src/protocol/xep-0359-stanza-id.ts'
import { readOccupantId } from '../../src/protocol/xep-0421-occupant-id.ts'
import { child, childrenOf, childText, el, textEl, type XmlNode } from '../../src/protocol/xml.ts'
import { deferred } from '../support/fakes/turn.ts'

/** A server with the accounts alice, bob and carol, whose password is `secret`, and a service of rooms. */
export interface ServerUnderTest {
  readonly upstream: Upstream
  readonly service: string
  readonly domain: string
  readonly rooms: string
}

const NS_ADMIN = 'http://jabber.org/protocol/muc#admin'
const NS_OWNER = 'http://jabber.org/protocol/muc#owner'
const NS_PING = 'urn:xmpp:ping'
const NS_PUBSUB = 'http://jabber.org/protocol/pubsub'
const NS_CARBONS = 'urn:xmpp:carbons:2'
const NS_ROSTER = 'jabber:iq:roster'
const ROOM_CONFIG = 'http://jabber.org/protocol/muc#roomconfig'

let ids = 0
const newId = (): string => `x${++ids}`

/** One session, with all that it heard. */
class Client {
  readonly jid: string
  readonly #stream: Stream
  readonly #heard: XmlNode[] = []
  #taken = 0
  #look: () => void = () => undefined

  private constructor(jid: string, stream: Stream) {
    this.jid = jid
    this.#stream = stream
  }

  static async signIn({ upstream, service, domain }: ServerUnderTest, name: string): Promise<Client> {
    let client: Client | undefined
    const account = `${name}@${domain}`
    const credentials = { account, service: [service], password: 'secret', allowPlain: false }
    const { promise, resolve, reject } = deferred<Client>()
    const stream = upstream.connect(credentials, {
      onOnline({ fullJid }) {
        client = new Client(fullJid, stream)
        resolve(client)
      },
      onStanza: (node) => client?.hear(node),
      onEnd: ({ text }) => reject(new Error(text)),
    })
    return promise
  }

  hear(node: XmlNode): void {
    // Words about the stream, and what a server says for itself (Prosody's presence of the room), are nobody's matter here.
    const ofRoom = node.name === 'presence' && resourceOf(node.attrs['from'] ?? '') === undefined
    if (node.ns !== NS_CLIENT || (ofRoom && node.attrs['type'] === undefined)) return
    this.#heard.push(node)
    this.#look()
  }

  send(node: XmlNode): void {
    this.#stream.send(node)
  }

  close(): void {
    this.#stream.close()
  }

  /** The answer to a request; what came before it is still to be looked at. */
  async ask(to: string | undefined, type: 'get' | 'set', payload: XmlNode): Promise<XmlNode> {
    const id = newId()
    this.send(iq({ to, type, id }, payload))
    return this.#find(({ name, attrs }) => name === 'iq' && attrs['id'] === id)
  }

  /** All that has come since the last look, and the room has had time to say; answers to requests left out. */
  async news(): Promise<XmlNode[]> {
    await this.ask(domainOf(this.jid), 'get', el(NS_PING, 'ping'))
    const news = this.#heard.slice(this.#taken)
    this.#taken = this.#heard.length
    return news.filter(({ name }) => name !== 'iq')
  }

  async #find(fits: (node: XmlNode) => boolean): Promise<XmlNode> {
    for (;;) {
      const found = this.#heard.find(fits)
      if (found) return found
      await new Promise<void>((resolve) => {
        this.#look = resolve
      })
    }
  }
}

const joinOf = (room: string, nick: string, history?: Readonly<Record<string, string>>, password?: string): XmlNode =>
  presence(
    { to: `${room}/${nick}` },
    el(NS_MUC, 'x', {}, textEl(NS_MUC, 'password', password), history && el(NS_MUC, 'history', history)),
  )
const saying = (room: string, body: string, id = newId()): XmlNode =>
  message({ to: room, type: 'groupchat', id }, el(NS_CLIENT, 'body', {}, body), originId(id))
const adminSet = (item: Readonly<Record<string, string>>, reason?: string): XmlNode =>
  el(NS_ADMIN, 'query', {}, el(NS_ADMIN, 'item', item, textEl(NS_ADMIN, 'reason', reason)))
const bodyOf = (node: XmlNode): string | undefined => childText(node, NS_CLIENT, 'body')

/** A stanza in few words. */
function inWords(node: XmlNode): string {
  const { from = '', type } = node.attrs
  const nick = resourceOf(from) ?? 'the room'
  if (type === 'error') return `error ${readStanzaError(node).condition}`
  if (node.name === 'message') {
    const [body, subject] = [bodyOf(node), childText(node, NS_CLIENT, 'subject')]
    const codes = readMucUser(node)?.codes ?? []
    const said = body !== undefined ? `: ${body}` : subject !== undefined ? ` subject ${subject}` : codes.join(' ')
    return `${type === 'groupchat' ? '' : 'to me alone '}${nick}${said}`
  }
  const user = readMucUser(node)
  const [item] = user?.items ?? []
  return [
    type === 'unavailable' ? 'gone' : 'there',
    nick,
    item && `${item.affiliation}/${item.role}`,
    [...(user?.codes ?? [])].sort().join(' '),
    item?.nick && `now ${item.nick}`,
    item?.actor && `by ${item.actor}`,
    item?.reason && `because ${item.reason}`,
  ]
    .filter(Boolean)
    .join(' ')
}

const words = async (client: Client): Promise<string[]> => (await client.news()).map(inWords)
const errorOf = (answer: XmlNode): string | undefined =>
  answer.attrs['type'] === 'error' ? readStanzaError(answer).condition : undefined

/**
 * What people do in rooms, and what a server makes of it: run against a real Prosody and against the server in memory,
 * so that an application that is tested with the one works with the other.
 */
export function serverScenarios(name: string, create: () => Promise<ServerUnderTest>): void {
  describe(`${name}, as a server,`, () => {
    const open: Client[] = []
    afterEach(() => {
      for (const client of open.splice(0)) client.close()
    })

    async function stage(...nicks: readonly string[]) {
      const server = await create()
      const room = `r${Date.now().toString(36)}${newId()}@${server.rooms}`
      const clients: Client[] = []
      const signIn = async (account: string): Promise<Client> => {
        const client = await Client.signIn(server, account)
        open.push(client)
        return client
      }
      for (const nick of nicks) {
        const client = await signIn(nick)
        clients.push(client)
        client.send(joinOf(room, nick))
        await client.news()
      }
      // Who came first has heard of the others by now, and looks only at what is new.
      for (const client of clients) await client.news()
      const [alice, bob, carol] = clients as [Client, Client, Client] // as many as were named
      const configure = (values: Readonly<Record<string, string | boolean>>): Promise<XmlNode> =>
        alice.ask(room, 'set', el(NS_OWNER, 'query', {}, submitForm(ROOM_CONFIG, values)))
      return { server, room, alice, bob, carol, signIn, configure }
    }

    test('a room that was not there is made by whoever comes first, who owns it', async () => {
      const { room, signIn } = await stage()
      const alice = await signIn('alice')

      alice.send(joinOf(room, 'alice'))

      expect(await words(alice)).toEqual(['there alice owner/moderator 110 201', 'the room subject '])
    })

    test('who comes in is told who is there, then of themselves, what was said, and the subject', async () => {
      const { room, alice, bob, signIn } = await stage('alice', 'bob')
      alice.send(saying(room, 'one'))
      await alice.news()
      bob.send(saying(room, 'two'))
      await bob.news()
      alice.send(message({ to: room, type: 'groupchat' }, el(NS_CLIENT, 'subject', {}, 'Roses')))
      await alice.news()
      await bob.news()
      const carol = await signIn('carol')

      carol.send(joinOf(room, 'carol'))
      const news = await words(carol)

      expect(news.slice(0, 2).sort()).toEqual(['there alice owner/moderator', 'there bob none/participant'])
      expect(news.slice(2)).toEqual([
        'there carol none/participant 110',
        'alice: one',
        'bob: two',
        'alice subject Roses',
      ])
      expect(await words(bob)).toEqual(['there carol none/participant'])
    })

    test('only moderators see whom a nick belongs to', async () => {
      const { room, alice, bob, signIn } = await stage('alice', 'bob')
      const carol = await signIn('carol')

      carol.send(joinOf(room, 'carol'))
      await carol.news()
      const jids = async (client: Client) =>
        (await client.news()).map((node) => readMucUser(node)?.items.map(({ jid }) => jid))

      expect(await jids(alice)).toEqual([[carol.jid]])
      expect(await jids(bob)).toEqual([[undefined]])
    })

    test('history comes with the room’s delay and its id, as much as is wanted', async () => {
      const { room, alice, bob, signIn } = await stage('alice')
      expect(bob).toBeUndefined()
      for (const body of ['one', 'two', 'three']) alice.send(saying(room, body))
      const live = (await alice.news()).map((node) => readStanzaId(node, room))
      const carol = await signIn('carol')

      carol.send(joinOf(room, 'carol', { maxstanzas: '2' }))
      const past = (await carol.news()).filter((node) => bodyOf(node) !== undefined)
      carol.send(joinOf(room, 'carol', { maxstanzas: '0' }))
      const none = (await carol.news()).filter((node) => bodyOf(node) !== undefined)

      expect(past.map(bodyOf)).toEqual(['two', 'three'])
      expect(past.map((node) => readStanzaId(node, room))).toEqual(live.slice(1))
      for (const node of past) expect(readDelay(node, room)).toBeGreaterThan(Date.UTC(2020, 0, 1))
      expect(none).toEqual([])
    })

    test('what is said comes back under its own id, with the room’s, and with whose it is', async () => {
      const { room, alice, bob } = await stage('alice', 'bob')
      const forged = el('urn:xmpp:sid:0', 'stanza-id', { by: room, id: 'forged' })

      alice.send(
        message({ to: room, type: 'groupchat', id: 'm1' }, el(NS_CLIENT, 'body', {}, 'hi'), originId('m1'), forged),
      )
      const [own] = await alice.news()
      const [others] = await bob.news()

      for (const node of [own, others]) {
        if (!node) throw new Error('nothing came')
        expect(node.attrs).toMatchObject({ from: `${room}/alice`, type: 'groupchat', id: 'm1' })
        expect(readOriginId(node)).toBe('m1')
        expect(childrenOf(node, 'urn:xmpp:sid:0', 'stanza-id')).toHaveLength(1)
        expect(readStanzaId(node, room)).not.toBe('forged')
        expect(readOccupantId(node)).toBeTruthy()
      }
    })

    test('a chat state reaches everybody, and is not kept', async () => {
      const { room, alice, bob } = await stage('alice', 'bob')
      const composing = el('http://jabber.org/protocol/chatstates', 'composing')

      alice.send(message({ to: room, type: 'groupchat' }, composing))
      await alice.news()
      const [state] = await bob.news()

      expect(state && child(state, composing.ns, 'composing')).toBeDefined()
      expect(state && readStanzaId(state, room)).toBeUndefined()
    })

    test('a nick that somebody has is nobody else’s, at the door and inside', async () => {
      const { room, alice, bob, signIn } = await stage('alice', 'bob')
      const carol = await signIn('carol')

      carol.send(joinOf(room, 'bob'))
      bob.send(presence({ to: `${room}/alice` }))

      expect(await words(carol)).toEqual(['error conflict'])
      expect(await words(bob)).toEqual(['error conflict'])
      expect(await words(alice)).toEqual([])
    })

    test('a new nick: the old one goes with 303, and the new one is there', async () => {
      const { room, alice, bob } = await stage('alice', 'bob')

      bob.send(presence({ to: `${room}/rob` }))

      const own = await words(bob)
      expect(own).toEqual(['gone bob none/participant 110 303 now rob', 'there rob none/participant 110'])
      expect(await words(alice)).toEqual(['gone bob none/participant 303 now rob', 'there rob none/participant'])
    })

    test('who is kicked is told by whom and why, and so are the others; then they may not speak', async () => {
      const { room, alice, bob, carol } = await stage('alice', 'bob', 'carol')

      const answer = await alice.ask(room, 'set', adminSet({ nick: 'bob', role: 'none' }, 'go away'))
      const news = await words(bob)
      bob.send(saying(room, 'still here?'))

      expect(answer.attrs['type']).toBe('result')
      expect(news).toEqual(['gone bob none/none 110 307 by alice because go away'])
      expect(await words(carol)).toEqual(['gone bob none/none 307 by alice because go away'])
      expect(await words(bob)).toEqual(['error not-acceptable'])
    })

    test('only a moderator kicks', async () => {
      const { room, bob, carol } = await stage('alice', 'bob', 'carol')

      const answer = await bob.ask(room, 'set', adminSet({ nick: 'carol', role: 'none' }))

      expect(errorOf(answer)).toMatch(/forbidden|not-allowed/)
      expect(await words(carol)).toEqual([])
    })

    test('who is banned is out, and does not come in again', async () => {
      const { room, alice, bob } = await stage('alice', 'bob')

      await alice.ask(room, 'set', adminSet({ jid: bareOf(bob.jid), affiliation: 'outcast' }))
      const news = await words(bob)
      bob.send(joinOf(room, 'bob'))

      expect(news).toEqual(['gone bob outcast/none 110 301 by alice'])
      expect(await words(bob)).toEqual(['error forbidden'])
    })

    test('a room for members throws out who is none, and lets nobody else in', async () => {
      const { bob, carol, room, alice, configure } = await stage('alice', 'bob', 'carol')
      await alice.ask(room, 'set', adminSet({ jid: bareOf(carol.jid), affiliation: 'member' }))
      for (const client of [alice, bob, carol]) await client.news()

      await configure({ 'muc#roomconfig_membersonly': true })
      const news = await words(bob)
      bob.send(joinOf(room, 'bob'))

      expect(news.filter((each) => each.startsWith('gone'))).toEqual(['gone bob none/none 110 322'])
      expect(await words(bob)).toEqual(['error registration-required'])
      expect((await words(carol)).filter((each) => each.includes('carol'))).toEqual([])
    })

    test('a password opens the room, and nothing else does', async () => {
      const { room, configure, signIn } = await stage('alice')
      await configure({ 'muc#roomconfig_passwordprotectedroom': true, 'muc#roomconfig_roomsecret': 'rose' })
      const bob = await signIn('bob')

      bob.send(joinOf(room, 'bob'))
      const without = await words(bob)
      bob.send(joinOf(room, 'bob', undefined, 'rose'))

      expect(without).toEqual(['error not-authorized'])
      expect(await words(bob)).toContain('there bob none/participant 110')
    })

    test('in a moderated room visitors do not speak until they have a voice', async () => {
      const { room, alice, configure, signIn } = await stage('alice')
      await configure({ 'muc#roomconfig_moderatedroom': true })
      const bob = await signIn('bob')
      bob.send(joinOf(room, 'bob'))
      await bob.news()

      bob.send(saying(room, 'may I?'))
      const before = await words(bob)
      await alice.ask(room, 'set', adminSet({ nick: 'bob', role: 'participant' }))
      bob.send(saying(room, 'thanks'))

      expect(before).toEqual(['error forbidden'])
      expect(await words(bob)).toEqual(['there bob none/participant 110 by alice', 'bob: thanks'])
    })

    test('a subject is for moderators to change', async () => {
      const { room, alice, bob } = await stage('alice', 'bob')
      const subject = (text: string) =>
        message({ to: room, type: 'groupchat', id: newId() }, el(NS_CLIENT, 'subject', {}, text))

      bob.send(subject('Thorns'))
      expect(await words(bob)).toEqual(['error forbidden'])
      alice.send(subject('Roses'))
      await alice.news()

      expect(await words(bob)).toEqual(['alice subject Roses'])
    })

    test('a private message reaches one occupant alone', async () => {
      const { room, alice, bob, carol } = await stage('alice', 'bob', 'carol')
      const whisper = (to: string) =>
        message(
          { to: `${room}/${to}`, type: 'chat', id: newId() },
          el(NS_CLIENT, 'body', {}, 'psst'),
          el(NS_MUC_USER, 'x'),
        )

      bob.send(whisper('alice'))
      bob.send(whisper('nobody'))

      expect(await words(bob)).toEqual(['error item-not-found'])
      expect(await words(alice)).toEqual(['to me alone bob: psst'])
      expect(await words(carol)).toEqual([])
    })

    test('who leaves is told so, and the others see it, also where the stream just ends', async () => {
      const { room, alice, bob, carol } = await stage('alice', 'bob', 'carol')

      bob.send(presence({ to: `${room}/bob`, type: 'unavailable' }))
      expect(await words(bob)).toEqual(['gone bob none/none 110'])
      expect(await words(alice)).toEqual(['gone bob none/none'])
      carol.close()

      let news: string[] = []
      while (news.length === 0) news = await words(alice)
      expect(news).toEqual(['gone carol none/none 333'])
    })

    test('a room that was destroyed lets nobody in, and says where it went', async () => {
      const { room, alice, bob } = await stage('alice', 'bob')
      const destroy = el(NS_OWNER, 'destroy', { jid: 'other@rooms.example' }, el(NS_OWNER, 'reason', {}, 'closed'))

      await alice.ask(room, 'set', el(NS_OWNER, 'query', {}, destroy))
      const [gone] = await bob.news()
      bob.send(joinOf(room, 'bob'))
      const [refusal] = await bob.news()

      expect(gone && readMucUser(gone)).toMatchObject({
        codes: [110],
        destroy: { alternate: 'other@rooms.example', reason: 'closed' },
      })
      expect(refusal && readStanzaError(refusal)).toMatchObject({
        condition: 'gone',
        address: 'xmpp:other@rooms.example?join',
      })
    })

    test('the archive comes in pages, and says where it ends', async () => {
      const { room, alice } = await stage('alice')
      for (const body of ['one', 'two', 'three']) alice.send(saying(room, body))
      const ids = (await alice.news()).map((node) => readStanzaId(node, room))
      const page = async (wish: { readonly after?: string | undefined; readonly before?: string }) => {
        const fin = await alice.ask(room, 'set', queryOf({ max: 2, ...wish }))
        const results = (await alice.news()).flatMap((node) => readArchiveResult(node) ?? [])
        return {
          ids: results.map(({ id }) => id),
          bodies: results.map((each) => bodyOf(each.message)),
          ...readArchiveFin(fin),
        }
      }

      const [first, last] = [await page({}), await page({ before: '' })]
      const second = await page({ after: ids[1] })

      expect(first).toMatchObject({ bodies: ['one', 'two'], ids: ids.slice(0, 2), complete: false, last: ids[1] })
      expect(second).toMatchObject({ bodies: ['three'], complete: true, first: ids[2], last: ids[2] })
      expect(last).toMatchObject({ bodies: ['two', 'three'], complete: false })
    })

    test('the archive does not know where to begin behind a message that it does not have', async () => {
      const { room, alice } = await stage('alice')
      alice.send(saying(room, 'one'))
      await alice.news()

      const answer = await alice.ask(room, 'set', queryOf({ max: 2, after: 'never-was' }))

      expect(errorOf(answer)).toBe('item-not-found')
    })

    test('a ping to oneself tells who is in from who is not', async () => {
      const { server, room, alice, bob, signIn } = await stage('alice')
      expect(bob).toBeUndefined()
      const carol = await signIn('carol')
      const ping = async (client: Client, at: string) => errorOf(await client.ask(at, 'get', el(NS_PING, 'ping')))

      expect(await ping(alice, `${room}/alice`)).toBeUndefined()
      expect(await ping(carol, `${room}/carol`)).toBe('not-acceptable')
      expect(await ping(carol, `nowhere${newId()}@${server.rooms}/carol`)).toBe('item-not-found')
    })

    test('a second session of one account shares the nick, and goes without the room seeing it', async () => {
      const { room, alice, bob, signIn } = await stage('alice', 'bob')
      const other = await signIn('bob')

      other.send(joinOf(room, 'bob'))
      await other.news()
      const shared = await alice.news()
      other.send(presence({ to: `${room}/bob`, type: 'unavailable' }))

      expect(shared.map((node) => readMucUser(node)?.items.length)).toEqual([2])
      expect((await words(other)).at(-1)).toContain('gone bob')
      expect((await words(alice)).filter((each) => each.startsWith('gone'))).toEqual([])
      bob.send(saying(room, 'I am still here'))
      await bob.news()
      expect(await words(alice)).toContain('bob: I am still here')
    })

    test('an invitation through the room reaches the account', async () => {
      const { room, alice, signIn } = await stage('alice')
      const bob = await signIn('bob')
      bob.send(presence({}))
      await bob.news()
      const invite = el(NS_MUC_USER, 'invite', { to: bareOf(bob.jid) }, el(NS_MUC_USER, 'reason', {}, 'come'))

      alice.send(message({ to: room }, el(NS_MUC_USER, 'x', {}, invite)))
      await alice.news()
      const found = (await bob.news()).flatMap((node) => child(node, NS_MUC_USER, 'x') ?? [])

      expect(found.map((x) => child(x, NS_MUC_USER, 'invite')?.attrs['from'])).toEqual([`${room}/alice`])
    })

    test('a moderator takes back what somebody said, in everybody’s sight and in the archive', async () => {
      const { room, alice, bob } = await stage('alice', 'bob')
      bob.send(saying(room, 'rude'))
      await bob.news()
      const [said] = await alice.news()
      await bob.news()
      const id = said && readStanzaId(said, room)
      const moderation = (ns = 'urn:xmpp:message-moderate:0') =>
        el(
          'urn:xmpp:fasten:0',
          'apply-to',
          { id },
          el(ns, 'moderate', {}, el('urn:xmpp:message-retract:0', 'retract'), el(ns, 'reason', {}, 'no')),
        )

      const refusal = await bob.ask(room, 'set', moderation())
      const answer = await alice.ask(room, 'set', moderation())
      const [told] = await alice.news()
      await alice.ask(room, 'set', queryOf({ max: 5 }))
      const kept = (await alice.news()).flatMap((node) => readArchiveResult(node) ?? [])

      expect(errorOf(refusal)).toBe('forbidden')
      expect(errorOf(answer)).toBeUndefined()
      const applied = told && child(told, 'urn:xmpp:fasten:0', 'apply-to')
      const moderated = applied && child(applied, 'urn:xmpp:message-moderate:0', 'moderated')
      expect(told?.attrs['from']).toBe(room)
      expect([applied?.attrs['id'], moderated?.attrs['by']]).toEqual([id, `${room}/alice`])
      expect(kept.map(({ id: each }) => each)).toContain(id)
      expect(kept.map(({ message }) => bodyOf(message))).not.toContain('rude')
    })

    test('who owns the room changes it, and everybody is told by a code', async () => {
      const { room, alice, bob, configure } = await stage('alice', 'bob')

      await configure({ 'muc#roomconfig_roomname': 'The garden' })
      const named = (await bob.news()).map((node) => readMucUser(node)?.codes)
      const refusal = await bob.ask(room, 'get', el(NS_OWNER, 'query'))
      await configure({ 'muc#roomconfig_roomname': 'The garden' })
      const same = await words(bob)
      await configure({ 'muc#roomconfig_whois': 'anyone' })
      const open = (await bob.news()).map((node) => [...(readMucUser(node)?.codes ?? [])].sort())
      const info = await alice.ask(room, 'get', el('http://jabber.org/protocol/disco#info', 'query'))

      expect(named).toEqual([[104]])
      expect(same).toEqual([])
      expect(errorOf(refusal)).toBe('forbidden')
      expect(open).toEqual([[172]])
      const config = readRoomConfig(info)
      expect(config).toMatchObject({ name: 'The garden', nonAnonymous: true, membersOnly: false, archived: true })
    })

    test('where everybody sees everybody, who comes is told so by a code', async () => {
      const { room, configure, alice, signIn } = await stage('alice')
      await configure({ 'muc#roomconfig_whois': 'anyone' })
      const bob = await signIn('bob')

      bob.send(joinOf(room, 'bob'))
      const news = await bob.news()

      const own = news.find((node) => readMucUser(node)?.codes.includes(110))
      expect([...((own && readMucUser(own)?.codes) ?? [])].sort()).toEqual([100, 110])
      const [first] = news
      expect(first && readMucUser(first)?.items.map(({ jid }) => jid)).toEqual([alice.jid])
    })

    test('the lists of a room are for those who keep it', async () => {
      const { room, alice, bob } = await stage('alice', 'bob')
      const listing = el(NS_ADMIN, 'query', {}, el(NS_ADMIN, 'item', { affiliation: 'owner' }))

      const answer = await alice.ask(room, 'get', listing)
      const refusal = await bob.ask(room, 'get', listing)

      expect(readList(answer).map(({ jid, affiliation }) => [jid, affiliation])).toEqual([[bareOf(alice.jid), 'owner']])
      expect(errorOf(refusal)).toBe('forbidden')
    })

    test('another show or status is seen by all, and a presence without entrance reveals who is not in', async () => {
      const { room, alice, bob, signIn } = await stage('alice', 'bob')
      const carol = await signIn('carol')

      bob.send(presence({ to: `${room}/bob` }, el(NS_CLIENT, 'show', {}, 'away'), el(NS_CLIENT, 'status', {}, 'tea')))
      await bob.news()
      const [seen] = await alice.news()
      carol.send(presence({ to: `${room}/carol` }))

      expect(seen && [childText(seen, NS_CLIENT, 'show'), childText(seen, NS_CLIENT, 'status')]).toEqual([
        'away',
        'tea',
      ])
      expect(await words(carol)).toEqual(['error item-not-found'])
    })

    test('whom an account blocks it does not hear', async () => {
      const { signIn } = await stage()
      const [alice, bob] = [await signIn('alice'), await signIn('bob')]
      const [a, b] = [bareOf(alice.jid), bareOf(bob.jid)]
      for (const client of [alice, bob]) {
        client.send(presence({}))
        await client.news()
      }
      const blocking = (name: string) => el('urn:xmpp:blocking', name, {}, el('urn:xmpp:blocking', 'item', { jid: b }))
      const hi = (id: string) => message({ to: a, type: 'chat', id }, el(NS_CLIENT, 'body', {}, `hi ${id}`))

      await alice.ask(undefined, 'set', blocking('block'))
      bob.send(hi(newId()))
      const refusal = await words(bob)
      const during = (await alice.news()).map(bodyOf)
      await alice.ask(undefined, 'set', blocking('unblock'))
      const last = newId()
      bob.send(hi(last))
      await bob.news()

      expect(refusal).toEqual(['error service-unavailable'])
      expect(during.filter(Boolean)).toEqual([])
      expect((await alice.news()).map(bodyOf)).toContain(`hi ${last}`)
    })

    test('a message to an account is kept for both, and copied to the sender’s other session', async () => {
      const { signIn } = await stage()
      const [alice, bob] = [await signIn('alice'), await signIn('bob')]
      const second = await signIn('alice')
      for (const client of [alice, second, bob]) {
        await client.ask(undefined, 'set', el(NS_CARBONS, 'enable'))
        client.send(presence({}))
      }
      for (const client of [alice, second, bob]) await client.news()
      const body = `hi ${newId()}`

      alice.send(message({ to: bareOf(bob.jid), type: 'chat', id: 'c1' }, el(NS_CLIENT, 'body', {}, body)))
      await alice.news()
      const [heard] = (await bob.news()).filter((node) => bodyOf(node) === body)
      const carbons = (await second.news()).flatMap((node) => child(node, NS_CARBONS, 'sent') ?? [])
      const kept = async (client: Client): Promise<(string | undefined)[]> => {
        await client.ask(undefined, 'set', queryOf({ max: 5, before: '' }))
        return (await client.news()).flatMap((node) => readArchiveResult(node)?.message ?? []).map(bodyOf)
      }

      expect(heard && readStanzaId(heard, bareOf(bob.jid))).toBeTruthy()
      expect(carbons).toHaveLength(1)
      expect(await kept(alice)).toContain(body)
      expect(await kept(bob)).toContain(body)
    })

    test('what is published is told to the account’s sessions, and can be read again', async () => {
      const { signIn } = await stage()
      const [alice, second] = [await signIn('alice'), await signIn('alice')]
      for (const client of [alice, second]) {
        client.send(presence({}))
        await client.news()
      }
      const node = `urn:test:${newId()}`
      const item = el(NS_PUBSUB, 'item', { id: 'one' }, el('urn:test', 'thing', {}, 'words'))
      const publish = el(NS_PUBSUB, 'publish', { node }, item)

      const answer = await alice.ask(undefined, 'set', el(NS_PUBSUB, 'pubsub', {}, publish))
      const read = await second.ask(undefined, 'get', el(NS_PUBSUB, 'pubsub', {}, el(NS_PUBSUB, 'items', { node })))
      const missing = await second.ask(
        undefined,
        'get',
        el(NS_PUBSUB, 'pubsub', {}, el(NS_PUBSUB, 'items', { node: `${node}2` })),
      )

      expect(errorOf(answer)).toBeUndefined()
      const pubsub = child(read, NS_PUBSUB, 'pubsub')
      const items = pubsub && child(pubsub, NS_PUBSUB, 'items')
      expect(items && childrenOf(items, NS_PUBSUB, 'item').map(({ attrs }) => attrs['id'])).toEqual(['one'])
      expect(errorOf(missing)).toBe('item-not-found')
    })

    test('one who may see another sees them come and go', async () => {
      const { signIn } = await stage()
      const [alice, bob] = [await signIn('alice'), await signIn('bob')]
      const [a, b] = [bareOf(alice.jid), bareOf(bob.jid)]
      await alice.ask(undefined, 'get', el(NS_ROSTER, 'query'))
      for (const client of [alice, bob]) {
        client.send(presence({}))
        await client.news()
      }
      const types = async (client: Client, from: string): Promise<(string | undefined)[]> =>
        (await client.news())
          .filter((node) => node.name === 'presence' && bareOf(node.attrs['from'] ?? '') === from)
          .map(({ attrs }) => attrs['type'])

      alice.send(presence({ to: b, type: 'subscribe' }))
      await alice.news()
      expect(await types(bob, a)).toEqual(['subscribe'])
      bob.send(presence({ to: a, type: 'subscribed' }))
      await bob.news()
      expect(await types(alice, b)).toEqual(['subscribed', undefined])
      const roster = await alice.ask(undefined, 'get', el(NS_ROSTER, 'query'))
      const query = child(roster, NS_ROSTER, 'query')
      bob.send(presence({ type: 'unavailable' }))
      await bob.news()

      expect(
        query && childrenOf(query, NS_ROSTER, 'item').map(({ attrs }) => [attrs['jid'], attrs['subscription']]),
      ).toEqual([[b, 'to']])
      expect(await types(alice, b)).toEqual(['unavailable'])
      bob.send(presence({ to: a, type: 'unsubscribed' }))
      await bob.news()
    })
  })
}

function queryOf(wish: Parameters<typeof archiveQuery>[3]): XmlNode {
  const [query] = archiveQuery('', '', newId(), wish).children
  if (!query || typeof query === 'string') throw new Error('the query of an archive is an element')
  return query
}
