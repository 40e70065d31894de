import type { Socket } from 'node:net'
import { WebSocket } from 'ws'

/**
 * A WebSocket that leaves the answer to a Close frame to the other side of the proxy.
 *
 * `ws` answers a Close frame at once by its own `close()`. Through a proxy that would be a lie: a client behind a dead
 * network would see an orderly end. So here `close()` only tells `onClose`, and `finish()` is the real one.
 */
export class Side extends WebSocket {
  /** Takes a Close frame that came from the peer; code 1005 means that it held none. */
  onClose: ((code: number, reason: Buffer) => void) | undefined
  /** The peer has said by a Close frame that it ends. */
  heardClose = false
  /** The TCP connection under it, for ends without a Close frame. */
  tcp: Socket | undefined

  override close(code = 1005, reason: string | Buffer = ''): void {
    this.heardClose = true
    // an answer to our own Close frame: the handshake is complete, the TCP connection ends
    if (this.readyState === WebSocket.CLOSING) super.close()
    this.onClose?.(code, Buffer.from(reason))
  }

  /** Sends a Close frame, as the first word or as the answer; codes that no frame may hold are left out. */
  finish(code: number, reason: Buffer | string = ''): void {
    if (code === 1005 || code === 1006) super.close()
    else super.close(code, reason)
  }
}
