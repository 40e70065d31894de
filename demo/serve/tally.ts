import { type Element, parseFrame } from '../../test/support/ltx.ts'
import type { Frame, WireProxy } from '../../test/support/wire-proxy.ts'

/** What one account has cost the server so far. */
export interface AccountFigures {
  /** WebSockets opened. */
  readonly connections: number
  /** Join presences sent (XEP-0045 section 7.2). */
  readonly joins: number
  /** UTF-8 bytes of XML, to the server and from it. */
  readonly bytesUp: number
  readonly bytesDown: number
}

type Count = { -readonly [K in keyof AccountFigures]: AccountFigures[K] }

const NS_MUC = 'http://jabber.org/protocol/muc'
/** The first word of the server to somebody: what it bound, or the address of any stanza. */
const ADDRESSED = /<jid>([^<>/]+@[^<>/]+)\/|\bto=['"]([^'"/]+@[^'"/]+)\//

/** What goes through the proxy, counted for each account by itself. */
export class Tally {
  readonly #byConnection = new Map<number, { account: string | undefined; readonly count: Count }>()

  constructor(proxy: WireProxy) {
    proxy.frames.enabled = false // counted, not kept: a demo may run for days
    proxy.rule((frame) => {
      this.#take(frame)
      return 'pass'
    })
  }

  /** By bare JID. Connections on which nobody has signed in (yet) are not in it. */
  figures(): Readonly<Record<string, AccountFigures>> {
    const all: Record<string, AccountFigures> = {}
    for (const { account, count } of this.#byConnection.values()) {
      if (account !== undefined) all[account] = sum(all[account], count)
    }
    return all
  }

  #take({ connection, dir, text, bytes }: Frame): void {
    const entry = this.#byConnection.get(connection) ?? { account: undefined, count: sum() }
    this.#byConnection.set(connection, entry)
    if (dir === 'up') {
      entry.count.bytesUp += bytes
      if (isJoin(text)) entry.count.joins += 1
    } else {
      entry.count.bytesDown += bytes
      const found = entry.account === undefined ? ADDRESSED.exec(text) : null
      if (found) entry.account = found[1] ?? found[2]
    }
  }
}

/** Of two counts; without any, that of a connection on which nothing has been said. */
function sum(a?: AccountFigures, b: AccountFigures = { connections: 1, joins: 0, bytesUp: 0, bytesDown: 0 }): Count {
  if (!a) return { ...b }
  return {
    connections: a.connections + b.connections,
    joins: a.joins + b.joins,
    bytesUp: a.bytesUp + b.bytesUp,
    bytesDown: a.bytesDown + b.bytesDown,
  }
}

/** Most frames do not name the namespace: they need no parser. */
function isJoin(text: string): boolean {
  if (!text.includes(NS_MUC)) return false
  let stanza: Element
  try {
    stanza = parseFrame(text)
  } catch {
    return false // what is no XML joins nothing
  }
  return stanza.is('presence') && !stanza.attrs['type'] && stanza.getChild('x', NS_MUC) !== undefined
}
