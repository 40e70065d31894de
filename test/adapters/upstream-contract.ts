import { afterEach, describe, expect, test } from 'vitest'
import type { Credentials, Stream, StreamEnd, Upstream } from '../../src/broker/ports.ts'
import { bareOf, resourceOf } from '../../src/protocol/jid.ts'
import { iq, message, NS_CLIENT, presence } from '../../src/protocol/stanza.ts'
import { childText, el, textEl, type XmlNode } from '../../src/protocol/xml.ts'

/** An upstream with a server behind it that has the account, and answers pings. */
export interface UpstreamUnderTest {
  readonly upstream: Upstream
  readonly credentials: Credentials
  /** An address at which nobody answers. */
  readonly nobody: string
  /** Breaks every connection off, without a word of either side. */
  cut(): void | Promise<void>
}

interface Session {
  readonly stream: Stream
  readonly log: string[]
  readonly stanzas: XmlNode[]
  /** Resolves with the full JID, or with how it ended before. */
  readonly signedIn: Promise<string | StreamEnd>
  readonly ended: Promise<StreamEnd>
  /** The next stanza that fits. */
  hear(fits: (node: XmlNode) => boolean): Promise<XmlNode>
}

const NS_PING = 'urn:xmpp:ping'

function begin({ upstream }: UpstreamUnderTest, credentials: Credentials): Session {
  const log: string[] = []
  const stanzas: XmlNode[] = []
  const waiting: { fits: (node: XmlNode) => boolean; found: (node: XmlNode) => void }[] = []
  let onSignedIn: (what: string | StreamEnd) => void = () => undefined
  let onEnded: (end: StreamEnd) => void = () => undefined
  const signedIn = new Promise<string | StreamEnd>((resolve) => {
    onSignedIn = resolve
  })
  const ended = new Promise<StreamEnd>((resolve) => {
    onEnded = resolve
  })
  const stream = upstream.connect(credentials, {
    onOnline({ fullJid }) {
      log.push('online')
      onSignedIn(fullJid)
    },
    onStanza(node) {
      log.push('stanza')
      stanzas.push(node)
      for (const each of [...waiting]) {
        if (!each.fits(node)) continue
        waiting.splice(waiting.indexOf(each), 1)
        each.found(node)
      }
    },
    onEnd(end) {
      log.push('end')
      onSignedIn(end)
      onEnded(end)
    },
  })
  log.push('connect has returned')
  return {
    stream,
    log,
    stanzas,
    signedIn,
    ended,
    hear: (fits) =>
      new Promise((found) => {
        const there = stanzas.find(fits)
        if (there) found(there)
        else waiting.push({ fits, found })
      }),
  }
}

/** What every filling of `Upstream` promises. */
export function upstreamContract(name: string, create: () => Promise<UpstreamUnderTest>): void {
  describe(`${name}, as an upstream,`, () => {
    const open: Stream[] = []
    afterEach(() => {
      for (const stream of open.splice(0)) stream.close()
    })

    async function stage(words: Partial<Credentials> = {}) {
      const server = await create()
      const session = begin(server, { ...server.credentials, ...words })
      open.push(session.stream)
      return { server, session, ...session }
    }

    async function online() {
      const all = await stage()
      const jid = await all.signedIn
      if (typeof jid !== 'string') throw new Error(`not online: ${jid.cause} (${jid.text})`)
      return { ...all, jid }
    }

    const pingOf = (id: string): XmlNode => iq({ type: 'get', id }, el(NS_PING, 'ping'))
    const isAnswer =
      (id: string) =>
      ({ name, attrs }: XmlNode): boolean =>
        name === 'iq' && attrs['id'] === id

    test('tells nothing before connect has returned', async () => {
      const { log } = await online()

      expect(log.slice(0, 2)).toEqual(['connect has returned', 'online'])
    })

    test('gives the account’s full JID', async () => {
      const { jid, server } = await online()

      expect(bareOf(jid)).toBe(server.credentials.account)
      expect(resourceOf(jid)).toBeTruthy()
    })

    test('gives each session a resource of its own', async () => {
      const { jid, server } = await online()
      const other = begin(server, server.credentials)
      open.push(other.stream)

      expect(await other.signedIn).not.toBe(jid)
    })

    test('takes stanzas there and back', async () => {
      const { stream, hear } = await online()

      stream.send(pingOf('p1'))

      expect((await hear(isAnswer('p1'))).attrs['type']).toBe('result')
    })

    test('keeps their order', async () => {
      const { stream, stanzas, hear } = await online()
      const ids = Array.from({ length: 50 }, (_, i) => `p${i}`)

      for (const id of ids) stream.send(pingOf(id))
      await hear(isAnswer('p49'))

      expect(stanzas.filter(({ name }) => name === 'iq').map(({ attrs }) => attrs['id'])).toEqual(ids)
    })

    test('changes no text on the way', async () => {
      const { stream, jid, hear } = await online()
      stream.send(presence({}))
      const body = 'a < b & "c" \'d\' ]]> é 😀\nsecond line'

      stream.send(message({ to: jid, id: 'm1', type: 'chat' }, textEl(NS_CLIENT, 'body', body)))

      const back = await hear(({ name, attrs }) => name === 'message' && attrs['id'] === 'm1')
      expect(childText(back, NS_CLIENT, 'body')).toBe(body)
    })

    test('is not ended by what XML cannot hold', async () => {
      const { stream, hear } = await online()

      stream.send(message({ to: 'nobody@nowhere.invalid', id: 'm1' }, textEl(NS_CLIENT, 'body', '\u0000\ud800\uffff')))
      stream.send(pingOf('p1'))

      expect((await hear(isAnswer('p1'))).attrs['type']).toBe('result')
    })

    test('gives stanzas in the namespace of the stream, as plain data', async () => {
      const { stream, hear } = await online()

      stream.send(pingOf('p1'))
      const answer = await hear(isAnswer('p1'))

      expect(answer.ns).toBe(NS_CLIENT)
      expect(structuredClone(answer)).toEqual(answer)
    })

    test('says not-authorized for a wrong password, once', async () => {
      const { signedIn, log } = await stage({ password: 'wrong' })

      expect(await signedIn).toMatchObject({ cause: 'not-authorized' })
      expect(log.filter((what) => what === 'end')).toHaveLength(1)
    })

    test('says unreachable where nobody answers', async () => {
      const server = await create()
      const session = begin(server, { ...server.credentials, service: [server.nobody] })
      open.push(session.stream)

      expect(await session.signedIn).toMatchObject({ cause: 'unreachable' })
    })

    test('says unreachable where there is no address, and not before connect has returned', async () => {
      const { signedIn, log } = await stage({ service: [] })

      expect(await signedIn).toMatchObject({ cause: 'unreachable' })
      expect(log).toEqual(['connect has returned', 'end'])
    })

    test('tries one address after the other', async () => {
      const server = await create()
      const session = begin(server, { ...server.credentials, service: [server.nobody, ...server.credentials.service] })
      open.push(session.stream)

      expect(typeof (await session.signedIn)).toBe('string')
    })

    test('tells the end of a stream that breaks off, once, and nothing after it', async () => {
      const { server, stream, ended, log } = await online()

      await server.cut()

      expect(await ended).toMatchObject({ cause: 'closed' })
      stream.send(pingOf('late'))
      expect(log.at(-1)).toBe('end')
      expect(log.filter((what) => what === 'end')).toHaveLength(1)
    })

    test('does not come back by itself', async () => {
      const { server, ended } = await online()
      const before = server.upstream.figures().connections

      await server.cut()
      await ended

      expect(server.upstream.figures().connections).toBe(before)
    })

    test('can be connected again after an end', async () => {
      const { server, ended } = await online()
      await server.cut()
      await ended

      const again = begin(server, server.credentials)
      open.push(again.stream)

      expect(typeof (await again.signedIn)).toBe('string')
    })

    test('says nothing more after it was closed by us', async () => {
      const { server, stream, log } = await online()
      const other = begin(server, server.credentials)
      open.push(other.stream)
      await other.signedIn
      const before = log.length

      stream.close()
      stream.send(pingOf('late'))
      // A round trip on another stream: whatever the first had to say would have been said by then.
      other.stream.send(pingOf('p1'))
      await other.hear(isAnswer('p1'))

      expect(log.length).toBe(before)
    })

    test('can be closed twice, and while it signs in: it says nothing at all then', async () => {
      const server = await create()
      const { stream, log } = begin(server, server.credentials)

      stream.close()
      stream.close()
      const other = begin(server, server.credentials)
      open.push(other.stream)
      await other.signedIn
      other.stream.send(pingOf('p1'))
      await other.hear(isAnswer('p1'))

      expect(log).toEqual(['connect has returned'])
    })

    test('counts connections, frames and bytes over all its streams', async () => {
      const { server, stream, hear } = await online()
      const before = server.upstream.figures()

      stream.send(pingOf('p1'))
      await hear(isAnswer('p1'))
      const after = server.upstream.figures()
      const other = begin(server, server.credentials)
      open.push(other.stream)
      await other.signedIn

      expect(before.connections).toBe(1)
      expect(server.upstream.figures().connections).toBe(2)
      expect(after.framesOut - before.framesOut).toBe(1)
      expect(after.framesIn - before.framesIn).toBeGreaterThanOrEqual(1)
      const written = '<iq xmlns="jabber:client" type="get" id="p1"><ping xmlns="urn:xmpp:ping"/></iq>'
      expect(after.bytesOut - before.bytesOut).toBe(written.length)
      expect(after.bytesIn).toBeGreaterThan(before.bytesIn)
    })

    test('gives figures that do not change afterwards', async () => {
      const { server, stream, hear } = await online()
      const before = server.upstream.figures()
      const copy = { ...before }

      stream.send(pingOf('p1'))
      await hear(isAnswer('p1'))

      expect(before).toEqual(copy)
    })
  })
}
