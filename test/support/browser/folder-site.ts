import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { Site } from './site.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
}

export interface FolderSiteOptions {
  /** What goes with the answer at that path, besides its type. */
  readonly headers?: (path: string) => Readonly<Record<string, string>>
  /** Gets what browsers report of a Content-Security-Policy, whose `report-uri` is `/reports`. */
  readonly onReport?: (report: unknown) => void
}

/** The files of a folder at their paths, as any web server has them; `/` is `index.html`. */
export async function serveFolder(
  folder: string,
  { headers = () => ({}), onReport }: FolderSiteOptions = {},
): Promise<Site> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (request.method === 'POST' && pathname === '/reports') {
      let text = ''
      request.setEncoding('utf8').on('data', (part) => {
        text += part
      })
      request.on('end', () => {
        onReport?.(JSON.parse(text))
        response.writeHead(204).end()
      })
      return
    }
    const path = pathname === '/' ? '/index.html' : pathname
    readFile(join(folder, normalize(path))).then(
      (body) => {
        const type = TYPES[extname(path)] ?? 'application/octet-stream'
        response.writeHead(200, { 'content-type': type, ...headers(path) }).end(body)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    origin: `http://localhost:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
