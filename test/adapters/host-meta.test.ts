import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { discoverServices, type Fetch } from '../../src/adapters/host-meta.ts'

const REL = 'urn:xmpp:alt-connections:websocket'
const json = (...links: object[]): string => JSON.stringify({ links })
const link = (href: unknown, rel = REL): object => ({ rel, href })
const xml = (links: string): string =>
  `<?xml version='1.0' encoding='utf-8'?>\n<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>${links}</XRD>\n`

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A server with those files; `undefined` is one that never ends. @returns a `fetch` that finds every domain there */
async function site(files: Readonly<Record<string, string | undefined>>) {
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    if (!(url in files)) response.writeHead(404).end()
    else if (files[url] !== undefined) response.end(files[url])
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of TCP
  const toSite: Fetch = (url, options) => {
    asked.push(url)
    return fetch(`http://127.0.0.1:${port}${new URL(url).pathname}`, options)
  }
  // The site speaks no TLS: what is asked by https is told as if it had.
  const secure: Fetch = async (url, options) => {
    const response = await toSite(url, options)
    return Object.defineProperty(response, 'url', { value: url })
  }
  return { asked, fetch: secure, bare: toSite }
}

const JSON_FILE = '/.well-known/host-meta.json'
const XML_FILE = '/.well-known/host-meta'
const WSS = 'wss://xmpp.capulet.example/ws'

describe('the addresses of a domain', () => {
  test('are those of its host-meta in JSON, in their order', async () => {
    const { asked, fetch } = await site({
      [JSON_FILE]: json(link(WSS), link('https://x/bosh', 'urn:xmpp:alt-connections:xbosh'), link('wss://two/')),
    })

    expect(await discoverServices('capulet.example', fetch)).toEqual([WSS, 'wss://two/'])
    expect(asked).toEqual(['https://capulet.example/.well-known/host-meta.json'])
  })

  test.each([
    ['none', {}],
    ['one that is no JSON', { [JSON_FILE]: '<html>' }],
    ['one of another shape', { [JSON_FILE]: '{"links":{"rel":1}}' }],
    ['one that is null', { [JSON_FILE]: 'null' }],
    ['one without WebSockets', { [JSON_FILE]: json(link('https://x/', 'lrdd'), link(7)) }],
    ['one beyond all measure', { [JSON_FILE]: json(link(WSS), link('x'.repeat(100_000))) }],
  ])('are those of its host-meta in XML, where there is of JSON %s', async (_what, files) => {
    const { fetch } = await site({
      ...files,
      [XML_FILE]: xml(`<Link rel='lrdd' href='wss://no/'/><Link rel='${REL}' href='${WSS}'/>`),
    })

    expect(await discoverServices('capulet.example', fetch)).toEqual([WSS])
  })

  test.each(['ws://capulet.example/', 'https://capulet.example/', 'javascript:alert(1)', 'wss', ''])(
    'do not have %j',
    async (href) => {
      const { fetch } = await site({
        [JSON_FILE]: json(link(href)),
        [XML_FILE]: xml(`<Link rel='${REL}' href='${href}'/>`),
      })

      expect(await discoverServices('capulet.example', fetch)).toEqual([])
    },
  )

  test.each([
    ['localhost', ['https://localhost', 'http://localhost']],
    ['capulet.example', ['https://capulet.example']],
  ])('are asked for without TLS on this machine only: %s', async (domain, origins) => {
    const { asked, fetch } = await site({})

    expect(await discoverServices(domain, fetch)).toEqual([])
    expect([...new Set(asked.map((url) => new URL(url).origin))]).toEqual(origins)
  })

  test('may be without TLS on this machine', async () => {
    const { fetch } = await site({ [JSON_FILE]: json(link('ws://localhost:5280/xmpp-websocket')) })

    expect(await discoverServices('localhost', fetch)).toEqual(['ws://localhost:5280/xmpp-websocket'])
  })

  test('are not believed where the question was sent on to what anybody can write', async () => {
    const { bare } = await site({ [JSON_FILE]: json(link(WSS)) })

    expect(await discoverServices('capulet.example', bare)).toEqual([])
  })

  test('are none where the answer does not come in time', async () => {
    const { fetch } = await site({ [JSON_FILE]: undefined })

    expect(await discoverServices('capulet.example', fetch, 50)).toEqual([])
  })

  test.each(['', 'a b', '//'])('are none of %j, which is no domain', async (domain) => {
    const { asked, fetch } = await site({})

    expect(await discoverServices(domain, fetch)).toEqual([])
    expect(asked).toEqual([])
  })
})
