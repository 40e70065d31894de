// In the page: what a tab does without the SDK, by plain @xmpp/client. The other side of the benchmarks.
import { client, xml } from '@xmpp/client'

type Element = ReturnType<typeof xml>

interface Entity {
  start(): Promise<unknown>
  stop(): Promise<unknown>
  send(element: Element): Promise<void>
  on(event: string, listener: (element: Element) => void): void
  removeListener(event: string, listener: (element: Element) => void): void
}

let entity: Entity
const bodies = new Set<string>()

/** Resolves with the first stanza for which the test holds. */
function stanza(test: (element: Element) => boolean): Promise<Element> {
  return new Promise((resolve) => {
    const look = (element: Element): void => {
      if (!test(element)) return
      entity.removeListener('stanza', look)
      resolve(element)
    }
    entity.on('stanza', look)
  })
}

const page = {
  async connect({ service, jid, password }: { service: string; jid: string; password: string }): Promise<void> {
    const [username = '', domain = ''] = jid.split('@')
    entity = client({ service, domain, username, password }) as Entity
    entity.on('error', (error) => console.error(error))
    entity.on('stanza', (element) => {
      const body = element.is('message') && element.getChildText('body')
      if (body) bodies.add(body)
    })
    await entity.start()
    await entity.send(xml('presence'))
  },

  /** Joins, and resolves with the number of available occupants once the subject has come. */
  async join(room: string, nick: string): Promise<{ occupants: number; ms: number }> {
    let occupants = 0
    const count = (element: Element): void => {
      if (element.is('presence') && element.attrs.from?.startsWith(`${room}/`) && !element.attrs.type) occupants += 1
    }
    entity.on('stanza', count)
    const complete = stanza((element) => element.is('message') && Boolean(element.getChild('subject')))
    const beganMs = performance.now()
    await entity.send(xml('presence', { to: `${room}/${nick}` }, xml('x', { xmlns: 'http://jabber.org/protocol/muc' })))
    await complete
    const ms = performance.now() - beganMs
    entity.removeListener('stanza', count)
    return { occupants, ms }
  },

  async leave(room: string, nick: string): Promise<void> {
    const gone = stanza(
      (element) =>
        element.is('presence') && element.attrs.from === `${room}/${nick}` && element.attrs.type === 'unavailable',
    )
    await entity.send(xml('presence', { to: `${room}/${nick}`, type: 'unavailable' }))
    await gone
  },

  /** Resolves when a message with that body is there, or was. */
  async message(body: string): Promise<void> {
    if (!bodies.has(body)) await stanza((element) => element.is('message') && element.getChildText('body') === body)
  },
}

export type PlainClient = typeof page

declare global {
  var plainClient: PlainClient
}

globalThis.plainClient = page
document.title = 'ready'
