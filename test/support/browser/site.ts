import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { transformWithOxc } from 'vite'

const ROOT = join(import.meta.dirname, '../../..')
const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.ts': 'text/javascript',
  '.map': 'application/json',
  '.html': 'text/html',
  '.css': 'text/css',
}
const PAGE =
  '<!doctype html><meta charset="utf-8"><title>a tab</title><script type="module" src="/test/support/browser/harness.ts"></script>'

export interface Site extends AsyncDisposable {
  /** `http://localhost:PORT`: a secure context, as Web Locks and WebCrypto want it. */
  readonly origin: string
}

/** What is served under a path of its own. */
export type Extra = ReadonlyMap<string, { readonly type: string; readonly body: string }>

/** Serves the built SDK and, at `/tab`, a page that drives it for a test. TypeScript is served as JavaScript. */
export async function startSite(extra: Extra = new Map()): Promise<Site> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    answer(path, extra).then(
      ({ type, body }) => response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body),
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

async function answer(path: string, extra: Extra): Promise<{ type: string; body: string | Buffer }> {
  const given = extra.get(path)
  if (given) return given
  if (path === '/tab') return { type: 'text/html', body: PAGE }
  if (path === '/elsewhere') return { type: 'text/html', body: '<!doctype html><title>elsewhere</title>' }
  if (!/^\/(dist|test|examples)\//.test(path)) throw new Error('not served')
  const file = join(ROOT, normalize(path))
  const body = await readFile(file)
  const type = TYPES[extname(file)] ?? 'application/octet-stream'
  if (extname(file) !== '.ts') return { type, body }
  return { type, body: await asJavaScript(body.toString('utf8'), file) }
}

/** TypeScript as JavaScript, by its text: a site serves the same few files to each of hundreds of tabs. */
const compiled = new Map<string, Promise<string>>()

function asJavaScript(source: string, file: string): Promise<string> {
  // In a worker names of packages mean nothing: an application has a bundler.
  const served = source.replaceAll("'minimix-web/broker'", "'/dist/broker.js'")
  const known = compiled.get(source) ?? transformWithOxc(served, file).then(({ code }) => code)
  compiled.set(source, known)
  return known
}
