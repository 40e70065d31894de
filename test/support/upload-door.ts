import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WireProxy } from './wire-proxy.ts'

/** What becomes of an upload: it is passed on, waits for that, is answered with a status, or led to another address. */
export type UploadFate = 'pass' | 'hold' | 'elsewhere' | { readonly status: number }

/** An upload that came: its bytes as they came, and the headers. */
export interface SeenUpload {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** Bytes that have come by now. */
  bytes: number
  /** The client has broken it off. */
  broken: boolean
}

/** In front of the place where the server takes files: slots that go down the wire lead here. */
export interface UploadDoor extends AsyncDisposable {
  readonly origin: string
  readonly seen: readonly SeenUpload[]
  /** Of the uploads to come, one after the other; those behind them are passed on. */
  fates: UploadFate[]
  /** Those that wait are passed on. */
  release(): void
  /** Resolves when so many have come; a deadline of 10 s. */
  untilSeen(count: number): Promise<void>
  /** Resolves when the upload of that place is broken off; a deadline of 10 s. */
  untilBroken(at: number): Promise<void>
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'PUT, OPTIONS',
  'access-control-allow-headers': 'Content-Type, Authorization',
}
const DEADLINE_MS = 10_000
/** What comes there is taken, and is nowhere then. */
const ELSEWHERE = '/elsewhere'

export async function startUploadDoor(wire: WireProxy): Promise<UploadDoor> {
  const seen: SeenUpload[] = []
  const looks = new Set<() => void>()
  const held: (() => void)[] = []
  const changed = (): void => {
    for (const look of [...looks]) look()
  }
  const until = (holds: () => boolean, what: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(deadline)
        looks.delete(look)
        settle()
      }
      const look = (): void => void (holds() && end(resolve))
      const late = (): void => end(() => reject(new Error(`${what}: not within ${DEADLINE_MS} ms`)))
      const deadline = setTimeout(late, DEADLINE_MS)
      looks.add(look)
      look()
    })
  let target = ''
  const server = createServer((request, response) => {
    if (request.method === 'OPTIONS') return void response.writeHead(204, CORS).end()
    const upload: SeenUpload = { path: request.url ?? '', headers: request.headers, bytes: 0, broken: false }
    seen.push(upload)
    changed()
    response.once('close', () => {
      upload.broken = !response.writableEnded
      changed()
    })
    const fate = request.url === ELSEWHERE ? { status: 201 } : (door.fates.shift() ?? 'pass')
    const goOn = fate === 'hold' ? new Promise<void>((resolve) => void held.push(resolve)) : Promise.resolve()
    answer(request, response, upload, { fate, goOn, url: `${target}${request.url}` }).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  const origin = `http://localhost:${port}`
  const off = wire.rule(({ dir, text }) => {
    const slot = dir === 'down' ? /<put [^>]*url=["'](https?:\/\/[^/"']+)/.exec(text) : null
    if (!slot?.[1]) return 'pass'
    target = slot[1]
    return { replace: text.replace(slot[0], slot[0].replace(target, origin)) }
  })
  const door: UploadDoor = {
    origin,
    seen,
    fates: [],
    release() {
      for (const goOn of held.splice(0)) goOn()
    },
    untilSeen: (count) => until(() => seen.length >= count, `${count} uploads`),
    untilBroken: (at) => until(() => seen[at]?.broken === true, `the end of upload ${at}`),
    async [Symbol.asyncDispose]() {
      off()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return door
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  upload: SeenUpload,
  { fate, goOn, url }: { readonly fate: UploadFate; readonly goOn: Promise<void>; readonly url: string },
): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of request) {
    parts.push(part as Buffer) // no encoding is set
    upload.bytes += (part as Buffer).length
  }
  await goOn
  if (fate === 'elsewhere') response.writeHead(307, { ...CORS, location: ELSEWHERE }).end()
  else if (typeof fate === 'object') response.writeHead(fate.status, CORS).end()
  else {
    const { authorization, 'content-type': type = '' } = request.headers
    const headers = { 'content-type': type, ...(authorization !== undefined && { authorization }) }
    const passed = await fetch(url, { method: 'PUT', body: Buffer.concat(parts), headers })
    response.writeHead(passed.status, CORS).end()
  }
}
