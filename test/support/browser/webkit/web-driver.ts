import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from '../../servers/child.ts'

const READY_MS = 20_000
const END_MS = 5_000

/** The programs that make a WebKitGTK that can be driven, and the display that it draws on. */
export interface WebkitPrograms {
  readonly driver: string
  readonly miniBrowser: string
  readonly display: string
}

/** A browser of its own, driven by W3C WebDriver: one command at a time, each in the window that it is for. */
export interface WebDriver {
  readonly version: string
  /** Opens a window, and resolves with its handle. */
  openWindow(): Promise<string>
  /** Sends a command to the window that the session is in. */
  post(path: string, body?: object): Promise<unknown>
  /** Sends commands to one window, with none of another window between them. */
  inWindow<T>(handle: string, work: () => Promise<T>): Promise<T>
  end(): Promise<void>
  closeWindow(handle: string): Promise<void>
}

/** A MiniBrowser with a home of its own: nothing of it is left behind. */
export async function startWebDriver({ driver, miniBrowser, display }: WebkitPrograms): Promise<WebDriver> {
  const folder = await mkdtemp(join(tmpdir(), 'minimix-webkit-'))
  const port = await freePort()
  const env = {
    DISPLAY: display,
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    WEBKIT_DISABLE_COMPOSITING_MODE: '1',
    NO_AT_BRIDGE: '1',
  }
  const args = ['--host=127.0.0.1', `--port=${port}`]
  const child = new Child('WebKitWebDriver', { command: driver, args, env, folder })
  const stop = async (): Promise<void> => {
    await child.end('SIGTERM', END_MS)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const root = `http://127.0.0.1:${port}`
    await untilReady(root, child)
    const binary = { binary: miniBrowser, args: ['--automation'] }
    const wanted = { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': binary }
    const { sessionId, capabilities } = (await command('POST', `${root}/session`, {
      capabilities: { alwaysMatch: wanted },
    })) as { sessionId: string; capabilities: { browserVersion: string } } // as WebDriver has it
    const session = `${root}/session/${sessionId}`
    const first = String(await command('GET', `${session}/window`))
    return inSession({ session, first, version: capabilities.browserVersion, stop })
  } catch (error) {
    await stop()
    throw error
  }
}

interface Session {
  /** Its address. */
  readonly session: string
  /** The window that it begins with, and that nobody closes. */
  readonly first: string
  readonly version: string
  stop(): Promise<void>
}

function inSession({ session, first, version, stop }: Session): WebDriver {
  let last: Promise<unknown> = Promise.resolve()
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
  const enter = (handle: string) => command('POST', `${session}/window`, { handle })
  return {
    version,
    openWindow: () =>
      alone(async () => {
        await enter(first) // a new window is opened from one that is there
        const opened = await command('POST', `${session}/window/new`, { type: 'window' })
        return (opened as { handle: string }).handle // as WebDriver has it
      }),
    post: (path, body = {}) => command('POST', session + path, body),
    inWindow: (handle, work) => alone(() => enter(handle).then(work)),
    closeWindow: (handle) =>
      alone(async () => {
        await enter(handle)
        await command('DELETE', `${session}/window`)
      }),
    async end() {
      await alone(() => command('DELETE', session)).catch(() => undefined) // it may have ended with its last window
      await stop()
    },
  }
}

async function command(method: 'GET' | 'POST' | 'DELETE', url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) })
  const { value }: { value: unknown } = JSON.parse(await response.text())
  if (!response.ok) throw new Error(`WebDriver: ${JSON.stringify(value)}`)
  return value
}

/** It says nothing when it listens: it is asked until it answers. */
async function untilReady(root: string, child: Child): Promise<void> {
  const lastMs = performance.now() + READY_MS
  for (;;) {
    const answered = await fetch(`${root}/status`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (answered) return
    if (child.pid === undefined || performance.now() > lastMs) throw new Error(child.describe('does not answer'))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
