import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** What new connections meet: nothing special, a reset, an HTTP answer, or a silence. */
export type Refusal = boolean | { readonly status: number } | { readonly hang: true }

/** The TCP door of the proxy, on a free loopback port. */
export type FrontDoor = {
  readonly port: number
  /** What new connections meet from now on. */
  refusal: Refusal
  /** Takes each WebSocket handshake that is let in; to be set at once. */
  onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Ends all TCP connections, and the door. */
  close(): Promise<void>
}

/** An open door that lets everything in. */
export async function openFrontDoor(): Promise<FrontDoor> {
  const sockets = new Set<Socket>()
  const http = createHttpServer()
  const tcp = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => undefined) // 'close' follows
    if (door.refusal === true) socket.resetAndDestroy()
    else if (typeof door.refusal === 'object' && 'hang' in door.refusal) socket.resume()
    else http.emit('connection', socket)
  })
  http.on('request', (_, response) => response.writeHead(refusedStatus(door.refusal) ?? 426).end())
  http.on('upgrade', (request, socket, head) => {
    const status = refusedStatus(door.refusal)
    if (status === undefined) door.onUpgrade(request, socket, head)
    else answer(socket, status)
  })

  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject)
    tcp.listen(0, '127.0.0.1', resolve)
  })
  const address = tcp.address()
  if (address === null || typeof address === 'string') throw new Error('wire proxy: no TCP port')

  const door: FrontDoor = {
    port: address.port,
    refusal: false,
    onUpgrade: (request) => request.socket.destroy(),
    close: () => {
      const closed = new Promise<void>((resolve) => tcp.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      http.close()
      return closed
    },
  }
  return door
}

/** Answers a WebSocket handshake by an HTTP status instead, and ends the connection. */
export function answer(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function refusedStatus(refusal: Refusal): number | undefined {
  return typeof refusal === 'object' && 'status' in refusal ? refusal.status : undefined
}
