import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * Hands a WebSocket handshake, and all that follows, over to another port, byte for byte.
 *
 * So the page needs no more than its own port, and finds the chat server again after the demo was started anew.
 */
export function splice(request: IncomingMessage, from: Duplex, head: Buffer, port: number): void {
  const { method, url, httpVersion, rawHeaders } = request
  const to = connect(port, '127.0.0.1')
  const end = (): void => {
    from.destroy()
    to.destroy()
  }
  for (const side of [from, to]) side.once('error', end).once('close', end)
  const headers = Array.from(
    { length: rawHeaders.length / 2 },
    (_, i) => `${rawHeaders[2 * i]}: ${rawHeaders[2 * i + 1]}`,
  )
  to.write(`${[`${method} ${url} HTTP/${httpVersion}`, ...headers].join('\r\n')}\r\n\r\n`)
  to.write(head)
  from.pipe(to).pipe(from)
}
