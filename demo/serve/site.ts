import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { createServer as createVite, type Plugin, type ViteDevServer } from 'vite'
import { strictPolicy } from './policy.ts'
import { splice } from './splice.ts'

export interface SiteOptions {
  readonly port: number
  /** A folder for what Vite prepares; it need not be there yet. */
  readonly cache: string
  /** Where the chat server is spoken to; left out where there is none. */
  readonly proxyUrl?: string
  /** What the page is told of the server: `service` is added. */
  readonly config: object
  readonly figures?: () => object
}

const ROOT = join(import.meta.dirname, '../..')
const SERVICE = '/xmpp-websocket'

/** The page at `http://localhost:PORT/`, served from its sources, and the way to the chat server at the same port. */
export async function startSite({ port, cache, proxyUrl, config, figures }: SiteOptions): Promise<AsyncDisposable> {
  const proxyPort = proxyUrl === undefined ? undefined : Number(new URL(proxyUrl).port)
  const vite = await createVite({
    configFile: join(ROOT, 'vite.config.ts'),
    root: join(ROOT, 'demo'),
    cacheDir: cache,
    logLevel: 'warn',
    // In middleware mode Vite neither takes over the signals nor ends with standard input.
    server: { middlewareMode: true, hmr: false, ws: false, fs: { allow: [ROOT, cache] } },
    optimizeDeps: {
      // Both pages, and the worker: what only the worker needs would be found late, and cost the first visit a reload.
      entries: ['index.html', 'debug.html', '../src/worker.ts', 'memory-worker.ts', 'keeping-worker.ts'],
      include: ['preact/jsx-dev-runtime'],
      holdUntilCrawlEnd: false,
    },
    plugins: [
      noClient(),
      strictPolicy(),
      answers({
        '/demo/config.json': (host) =>
          proxyUrl === undefined ? config : { ...config, service: `ws://${host}${SERVICE}` },
        ...(figures && { '/demo/figures': figures }),
      }),
    ],
  })
  const server = createServer(vite.middlewares)
  server.on('upgrade', (request, socket, head) => {
    if (request.url === SERVICE && proxyPort !== undefined) splice(request, socket, head, proxyPort)
    else socket.destroy()
  })
  try {
    await bundled(vite)
    await listen(server, port)
  } catch (error) {
    await vite.close()
    throw error
  }
  return {
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await vite.close()
    },
  }
}

/** Resolves once all dependencies are bundled: nothing is written any more, and the first visit need not wait. */
async function bundled({ environments }: ViteDevServer): Promise<void> {
  const optimizer = environments.client.depsOptimizer
  await optimizer?.scanProcessing
  const dependencies = Object.values({ ...optimizer?.metadata.optimized, ...optimizer?.metadata.discovered })
  await Promise.all(dependencies.map(({ processing }) => processing))
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ message }) => reject(new Error(`The page cannot be served at port ${port}: ${message}`)))
    server.listen(port, '127.0.0.1', resolve)
  })
}

/** Answers these addresses by JSON, each time anew. */
function answers(byPath: Readonly<Record<string, (host: string) => object>>): Plugin {
  return {
    name: 'demo-answers',
    configureServer({ middlewares }) {
      for (const [path, answer] of Object.entries(byPath)) {
        middlewares.use(path, ({ headers }, response) => {
          response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
          response.end(JSON.stringify(answer(headers.host ?? '')))
        })
      }
    },
  }
}

/** Vite's own client speaks to a WebSocket that is not there: this page is not reloaded from outside. */
function noClient(): Plugin {
  return {
    name: 'demo-no-client',
    transformIndexHtml: {
      order: 'post',
      handler: (html) => html.replace(/\s*<script[^>]*@vite\/client[^>]*><\/script>/, ''),
    },
  }
}
