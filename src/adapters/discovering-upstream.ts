import type { Credentials, Stream, Upstream, UpstreamListener } from '../broker/ports.ts'
import { domainOf } from '../protocol/jid.ts'

/**
 * An upstream for which nobody needs to know the address: where none is given, the server's domain is asked for it.
 *
 * @param discover the addresses of a domain; nothing where it has none
 */
export function discoveringUpstream(
  upstream: Upstream,
  discover: (domain: string) => Promise<readonly string[]>,
): Upstream {
  /** By domain, what was found last: a host-meta that is away for now is no reason to be away, too. */
  const found = new Map<string, readonly string[]>()

  const addressesOf = async (domain: string): Promise<readonly string[]> => {
    const services = await discover(domain)
    if (services.length > 0) found.set(domain, services)
    return found.get(domain) ?? []
  }

  const begin = (credentials: Credentials, listener: UpstreamListener): Stream => {
    const domain = domainOf(credentials.account)
    let stream: Stream | undefined
    let ended = false
    void addressesOf(domain).then((service) => {
      if (ended) return
      if (service.length > 0) stream = upstream.connect({ ...credentials, service }, listener)
      else {
        const text = `no service was given, and https://${domain}/.well-known/host-meta names no WebSocket (XEP-0156)`
        listener.onEnd({ cause: 'unreachable', text })
      }
    })
    return {
      send: (stanza) => stream?.send(stanza),
      close() {
        ended = true
        stream?.close()
      },
      drop() {
        ended = true
        stream?.drop()
      },
    }
  }

  return {
    figures: () => upstream.figures(),
    connect: (credentials, listener) =>
      credentials.service.length > 0 ? upstream.connect(credentials, listener) : begin(credentials, listener),
  }
}
