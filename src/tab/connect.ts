import { mayConnectTo } from '../adapters/service-address.ts'
import { hasLocks } from '../adapters/web-locks.ts'
import { CONTRACT_VERSION } from '../contract/api.ts'
import { failure, MinimixError } from '../contract/errors.ts'
import { Account } from './account.ts'
import { accountJid, mustBe, oneOf, optional, optionalSignal, record } from './check.ts'
import { spawnOwnWorker, spawnWorker } from './spawn-worker.ts'
import { outlivesTabs, Ways, type WaysOptions } from './ways.ts'

export interface ConnectOptions {
  /** Bare JID of the account; with `anonymous`, a domain. */
  readonly jid: string
  /** The server makes up an account, for as long as the session lasts (SASL ANONYMOUS); nothing of it is kept. */
  readonly anonymous?: boolean
  /** WebSocket URLs, tried in order; left out, the domain is asked for them (XEP-0156). `ws:` is for loopback alone. */
  readonly service?: string | readonly string[]
  /**
   * Left out: attach to a running broker, or sign in by what `remember` has kept. A function is asked only where neither
   * does.
   */
  readonly password?: string | (() => Promise<string>)
  /**
   * Keeps a token in this browser that signs in next time, never the password; where the server has such (XEP-0484), and
   * the browser an IndexedDB. `logout()` forgets it.
   */
  readonly remember?: boolean
  /**
   * What the room sees when the last tab closes: nothing while the server keeps the session, or a leave within 2 s. Where
   * workers end with their last tab (Firefox, Safari) `leave` is at once, and a reload is one, too.
   */
  readonly onLastTab?: 'linger' | 'leave'
  /** The app's own way to start the worker, or the URL of its file. A dedicated one serves the other tabs as well. */
  readonly worker?: (() => SharedWorker | Worker) | string | URL
  /** `never`: one tab's own worker serves all of them, as where there is no SharedWorker. */
  readonly sharedWorker?: 'auto' | 'never'
  /** SASL PLAIN away from loopback. */
  readonly allowPlain?: boolean
  /** The account may be signed in by a weaker mechanism than before: once, and from then on. */
  readonly allowDowngrade?: boolean
  /** A tab that finds itself `outdated` loads itself anew once nobody looks at it. */
  readonly reloadWhenHidden?: boolean
  /** Milliseconds without a sign of life in this tab until the person counts as away; 300,000 if left out. */
  readonly idleAfterMs?: number
  /** Milliseconds until the account is online or has failed; 20,000 if left out. */
  readonly timeoutMs?: number
  /** Detaches this tab. */
  readonly signal?: AbortSignal
}

const CONNECT_MS = 20_000
const IDLE_MS = 300_000

/**
 * The account, online. The first tab starts the worker and signs in; every further one shares its connection.
 *
 * @throws TypeError at once for options of the wrong type; MinimixError `jid-malformed` at once; rejects with
 *   `credentials-required`, `not-authorized`, `service-unreachable`, `timeout`, `aborted`, `worker-unavailable`, `outdated`
 */
export function connect(options: ConnectOptions): Promise<Account> {
  record(options, 'connect(options): options')
  const { service = [], anonymous = false, onLastTab = 'linger', worker, signal } = options
  const { allowPlain = false, allowDowngrade = false, remember = false } = options
  const { sharedWorker = 'auto', reloadWhenHidden = false } = options
  const { timeoutMs = CONNECT_MS, idleAfterMs = IDLE_MS } = options
  optional(anonymous, 'boolean', 'connect({ anonymous })')
  const jid = accountJid(options.jid, 'connect({ jid })', anonymous)
  const password = anonymous ? '' : options.password
  mustBe(!anonymous || options.password === undefined, 'connect({ anonymous }) has no password')
  const services = typeof service === 'string' ? [service] : [...service]
  mustBe(services.every(isWebSocketUrl), 'connect({ service }) must be wss: URLs, or ws: on loopback')
  mustBe(
    password === undefined || typeof password === 'string' || typeof password === 'function',
    'connect({ password }) must be a string or a function',
  )
  oneOf(onLastTab, ['linger', 'leave'], 'connect({ onLastTab })')
  oneOf(sharedWorker, ['auto', 'never'], 'connect({ sharedWorker })')
  optional(allowPlain, 'boolean', 'connect({ allowPlain })')
  optional(allowDowngrade, 'boolean', 'connect({ allowDowngrade })')
  optional(remember, 'boolean', 'connect({ remember })')
  optional(reloadWhenHidden, 'boolean', 'connect({ reloadWhenHidden })')
  mustBe(isMs(timeoutMs), 'connect({ timeoutMs }) must be a number of milliseconds')
  mustBe(isMs(idleAfterMs), 'connect({ idleAfterMs }) must be a number of milliseconds')
  optionalSignal(signal, 'connect({ signal })')
  const workers = typeof SharedWorker !== 'undefined' || typeof Worker !== 'undefined'
  if (!workers && typeof worker !== 'function')
    return Promise.reject(new MinimixError(failure('worker-unavailable', 'connect: no workers here')))
  const name = `minimix:extended:${CONTRACT_VERSION}:${jid}`
  const shared = sharedWorker === 'auto' && typeof SharedWorker !== 'undefined' && hasLocks()
  const url = typeof worker === 'function' ? undefined : worker
  const ways = new Ways({ account: jid, url, ...spawners(worker, name, shared) })
  const atOnce = onLastTab === 'leave' && !(shared && outlivesTabs())
  const end = atOnce ? ('leave-at-once' as const) : onLastTab
  const signIn = { service: services, onLastTab: end, allowPlain, allowDowngrade, remember }
  return opened(new Account({ jid, signIn, password, ways, reloadWhenHidden, timeoutMs, idleAfterMs }), signal)
}

async function opened(account: Account, signal: AbortSignal | undefined): Promise<Account> {
  await account.open(signal)
  signal?.addEventListener('abort', () => void account.detach(), { once: true })
  return account
}

const isMs = (value: unknown): boolean => typeof value === 'number' && value > 0

/** The name has what a worker that runs already must agree with: the account, the contract, and the options. */
function spawners(
  worker: ConnectOptions['worker'],
  name: string,
  shared: boolean,
): Pick<WaysOptions, 'shared' | 'own'> {
  // What an app starts itself is what it is.
  if (typeof worker === 'function') return { shared: worker, own: undefined }
  if (worker === undefined)
    return { shared: shared ? () => spawnWorker(name) : undefined, own: () => spawnOwnWorker(name) }
  mustBe(typeof worker === 'string' || worker instanceof URL, 'connect({ worker }) must be a function or a URL')
  const own = (): Worker => new Worker(worker, { type: 'module', name })
  return {
    shared: shared ? () => new SharedWorker(worker, { type: 'module', name, extendedLifetime: true }) : undefined,
    own,
  }
}

const isWebSocketUrl = (url: unknown): boolean => typeof url === 'string' && mayConnectTo(url)
