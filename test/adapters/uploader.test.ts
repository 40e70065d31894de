import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Window } from 'happy-dom'
import { afterAll, afterEach, beforeAll, vi } from 'vitest'
import { xhrUploader } from '../../src/adapters/uploader.ts'
import { fakeUploader, outcomeOf } from '../support/fakes/fake-uploader.ts'
import { type UploaderUnderTest, uploaderContract } from './uploader-contract.ts'

const SILENCE_MS = 200
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'PUT',
  'access-control-allow-headers': 'content-type, authorization',
}

// Node has none of its own.
const page = new Window({ url: 'http://localhost/' })
beforeAll(() => vi.stubGlobal('XMLHttpRequest', page.XMLHttpRequest))
afterAll(async () => {
  vi.unstubAllGlobals()
  await page.happyDOM.close()
})

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** The real one, and a server whose paths say what comes of it. */
async function real(): Promise<UploaderUnderTest> {
  const came: { bytes: string; type: string; authorization: string | undefined }[] = []
  const server = createServer(async (request, response) => {
    if (request.method === 'OPTIONS') return void response.writeHead(204, CORS).end()
    let bytes = ''
    for await (const part of request) bytes += String(part)
    const place = (request.url ?? '').slice(1)
    if (place === 'silent') return
    const { 'content-type': type = '', authorization } = request.headers
    came.push({ bytes, type, authorization })
    if (place === 'elsewhere') response.writeHead(307, { ...CORS, location: '/201' }).end()
    else response.writeHead(Number(place), CORS).end()
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // of TCP
  return {
    uploader: xhrUploader(SILENCE_MS),
    at: (place) => (place === 'nobody' ? 'http://127.0.0.1:1/' : `http://127.0.0.1:${port}/${place}`),
    // The page has a kind of its own.
    file: (text) => new page.Blob([text]) as unknown as Blob,
    came: () => came,
  }
}

async function fake(): Promise<UploaderUnderTest> {
  const uploader = fakeUploader(({ url }) => {
    const place = url.split('/').at(-1) ?? ''
    if (place === 'elsewhere') return { done: false, retry: false, text: 'elsewhere' }
    if (place === 'nobody') return { done: false, retry: true, text: 'nobody' }
    if (place !== 'silent') return outcomeOf(Number(place))
    setTimeout(() => uploader.uploads.at(-1)?.end({ done: false, retry: true, text: 'silent' }), 20)
    return undefined
  })
  const bytes = new Map<Blob, string>()
  return {
    uploader: {
      ...uploader,
      async put(target, file, on) {
        bytes.set(file, await file.text())
        return uploader.put(target, file, on)
      },
    },
    at: (place) => `https://upload.example/${place}`,
    file: (text) => new Blob([text]),
    came: () =>
      uploader.uploads.map(({ target, file }) => ({
        bytes: bytes.get(file) ?? '',
        type: target.mediaType,
        authorization: target.headers['Authorization'],
      })),
  }
}

uploaderContract('the real one', real)
uploaderContract('the fake', fake)
