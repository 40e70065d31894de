import { failure, MinimixError } from '../contract/errors.ts'
import { Account } from './account.ts'
import { bareJid, mustBe } from './check.ts'
import { spawnWorker } from './spawn-worker.ts'

export interface ConnectOptions {
  /** Bare JID of the account. */
  readonly jid: string
  /** WebSocket URLs, tried in order. */
  readonly service?: string | readonly string[]
  /** Left out: attach to a running broker. A function is asked only where no other tab has signed in. */
  readonly password?: string | (() => Promise<string>)
  /** What the room sees when the last tab closes: nothing while the server keeps the session, or a leave. */
  readonly onLastTab?: 'linger' | 'leave'
  /** The app's own way to start the worker, or the URL of its file. */
  readonly worker?: (() => SharedWorker) | string | URL
  /** SASL PLAIN away from loopback. */
  readonly allowPlain?: boolean
  /** Milliseconds until the account is online or has failed; 20,000 if left out. */
  readonly timeoutMs?: number
  /** Detaches this tab. */
  readonly signal?: AbortSignal
}

const CONNECT_MS = 20_000

/**
 * The account, online. The first tab starts the worker and signs in; every further one shares its connection.
 *
 * @throws TypeError at once for options of the wrong type; MinimixError `jid-malformed` at once; rejects with
 *   `credentials-required`, `not-authorized`, `service-unreachable`, `timeout`, `aborted`, `worker-unavailable`, `outdated`
 */
export function connect(options: ConnectOptions): Promise<Account> {
  mustBe(typeof options === 'object' && options !== null, 'connect(options): options must be an object')
  const {
    service = [],
    password,
    onLastTab = 'linger',
    allowPlain = false,
    timeoutMs = CONNECT_MS,
    worker,
    signal,
  } = options
  const jid = bareJid(options.jid, 'connect({ jid })')
  const services = typeof service === 'string' ? [service] : [...service]
  mustBe(services.every(isWebSocketUrl), 'connect({ service }) must be ws: or wss: URLs')
  mustBe(
    password === undefined || typeof password === 'string' || typeof password === 'function',
    'connect({ password }) must be a string or a function',
  )
  mustBe(onLastTab === 'linger' || onLastTab === 'leave', "connect({ onLastTab }) must be 'linger' or 'leave'")
  mustBe(typeof allowPlain === 'boolean', 'connect({ allowPlain }) must be a boolean')
  mustBe(typeof timeoutMs === 'number' && timeoutMs > 0, 'connect({ timeoutMs }) must be a number of milliseconds')
  if (typeof SharedWorker === 'undefined' || typeof navigator.locks?.request !== 'function') {
    return Promise.reject(
      new MinimixError(failure('worker-unavailable', 'connect: no SharedWorker or no Web Locks here')),
    )
  }
  const spawn = spawner(worker, `minimix:extended:${jid}`)
  const account = new Account({ jid, signIn: { service: services, onLastTab, allowPlain }, password, spawn, timeoutMs })
  return opened(account, signal)
}

async function opened(account: Account, signal: AbortSignal | undefined): Promise<Account> {
  const aborted = (): MinimixError =>
    new MinimixError(failure('aborted', `connect ${account.jid}: aborted by the caller`))
  if (signal?.aborted) throw aborted()
  const detach = (): void => void account.detach()
  signal?.addEventListener('abort', detach, { once: true })
  try {
    await account.open()
  } catch (error) {
    signal?.removeEventListener('abort', detach)
    throw signal?.aborted ? aborted() : error
  }
  if (signal?.aborted) throw aborted()
  return account
}

function spawner(worker: ConnectOptions['worker'], name: string): () => SharedWorker {
  if (worker === undefined) return () => spawnWorker(name)
  if (typeof worker === 'function') return worker
  mustBe(typeof worker === 'string' || worker instanceof URL, 'connect({ worker }) must be a function or a URL')
  return () => new SharedWorker(worker, { type: 'module', name, extendedLifetime: true })
}

function isWebSocketUrl(url: unknown): boolean {
  if (typeof url !== 'string') return false
  try {
    return ['ws:', 'wss:'].includes(new URL(url).protocol)
  } catch {
    return false
  }
}
