import { once } from 'node:events'
import { WebSocket } from 'ws'

/** A WebSocket client that remembers what it heard, and when. */
export class WireClient {
  readonly heard: string[] = []
  readonly heardAtMs: number[] = []
  /** Resolves with the closing code. */
  readonly closed: Promise<number>
  readonly socket: WebSocket

  constructor(url: string) {
    this.socket = new WebSocket(url, 'xmpp', { allowSynchronousEvents: false })
    this.socket.on('message', (data) => {
      this.heard.push(String(data))
      this.heardAtMs.push(performance.now())
    })
    this.socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => this.socket.once('close', resolve))
  }

  /** One that is connected. */
  static async open(url: string): Promise<WireClient> {
    const client = new WireClient(url)
    await once(client.socket, 'open')
    return client
  }

  send(...texts: readonly string[]): void {
    for (const text of texts) this.socket.send(text)
  }

  /** What it heard, as soon as it is that much. */
  async hears(count: number): Promise<readonly string[]> {
    while (this.heard.length < count) await once(this.socket, 'message')
    return this.heard
  }
}
