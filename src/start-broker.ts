import { broadcast, hearPages } from './adapters/broadcast.ts'
import { exposeApi } from './adapters/comlink.ts'
import { discoveringUpstream } from './adapters/discovering-upstream.ts'
import { passwordPrints } from './adapters/password-prints.ts'
import { systemClock } from './adapters/system-clock.ts'
import { sha1 } from './adapters/web-crypto.ts'
import { hasLocks, locksHere } from './adapters/web-locks.ts'
import { webSocketUpstream } from './adapters/websocket-upstream.ts'
import { hearFaults } from './adapters/worker-faults.ts'
import { Broker } from './broker/broker.ts'
import { Host } from './broker/host.ts'
import { loadInTime } from './broker/late-parts.ts'
import { LATE_PLUGINS, type Later, NEEDED } from './broker/later.ts'
import { describe, Log } from './broker/log.ts'
import type { Upstream } from './broker/ports.ts'
import { ownCaps } from './broker/responder.ts'
import type { Retention } from './broker/retention.ts'
import { failure } from './contract/errors.ts'
import { isLeaderWord } from './contract/handshake.ts'
import type { LogRecord } from './contract/model.ts'
import type { Plugin } from './contract/plugin.ts'
import { withOwn } from './own-plugins.ts'
import { idbStore, StoreBlocked } from './storage/idb-store.ts'
import type { Store } from './storage/store.ts'

/** What a SharedWorker and a dedicated worker have; the DOM types know only windows. */
interface WorkerScope extends EventTarget {
  postMessage(message: unknown): void
  onconnect: ((event: MessageEvent) => void) | null
  onmessage: ((event: MessageEvent) => void) | null
}

export type { Upstream } from './broker/ports.ts'
// What a plug-in needs: this module's own error class, which its calls may throw, and XML as data.
export { type ErrorCode, type Failure, failure, MinimixError } from './contract/errors.ts'
export type {
  Envelope,
  Plugin,
  PluginCalls,
  PluginEvents,
  PluginParts,
  PluginStore,
  PluginWorker,
} from './contract/plugin.ts'
export { bareOf } from './protocol/jid.ts'
export { child, childrenOf, childText, el, textOf, type XmlNode } from './protocol/xml.ts'

export interface BrokerStart {
  /** How much of the archive is kept in this browser. */
  readonly retention?: Retention
  /** Gets each record of the log as it is made. What it throws harms nothing. */
  readonly log?: (record: LogRecord) => void
  /** Parts of the application's own, for `account.plugin(name)` in its tabs. */
  readonly plugins?: readonly Plugin[]
  /**
   * In the place of the network: a server within this worker, for demonstrations. Nothing is kept in this browser then, as
   * the server is gone with the worker.
   */
  readonly upstream?: Upstream
}

/**
 * Makes this worker the broker of one account: whichever account the first tab names. It is a SharedWorker, or where
 * there is none, the worker of one tab to which the others come.
 *
 * Call it once, while the script is first run: a tab that connects before it is not heard.
 */
export function startBroker({ retention, log: onRecord, plugins: own = [], upstream }: BrokerStart = {}): void {
  const plugins = withOwn(own)
  checkNames([...LATE_PLUGINS, ...plugins.map(({ name }) => name)])
  const scope = globalThis as unknown as WorkerScope
  const isShared = 'SharedWorkerGlobalScope' in globalThis
  const clock = systemClock()
  const caps = ownCaps(
    sha1,
    plugins.flatMap(({ features }) => features ?? []),
  )
  const log = new Log(clock, onRecord)
  const discover = async (domain: string): Promise<readonly string[]> => {
    const { discoverServices } = (await orLog(loadLater(), log)) ?? {}
    return discoverServices?.(domain) ?? []
  }
  const host = new Host({
    clock,
    locks: locksHere(),
    control: broadcast('minimix:control'),
    expose: exposeApi,
    hearPages,
    newBroker: async (account, instance) => {
      // Another tab without locks may have the same account, and the same database. One that the server made up is
      // nobody's afterwards.
      const keeps = hasLocks() && account.includes('@') && !upstream
      const opened = keeps ? await openStore(account) : { store: (await loadLater()).memoryStore(), blocked: false }
      return new Broker({
        ...opened,
        later: await laterOf(opened.store, log),
        loadLater: async () => (await loadLater()).later,
        account,
        instance,
        engine: !hasLocks() ? 'this-tab' : isShared ? 'shared-worker' : 'leader-worker',
        upstream: upstream ?? discoveringUpstream(webSocketUpstream(), discover),
        clock,
        passwords: passwordPrints(),
        log,
        caps: await caps,
        plugins,
        ...(retention && { retention }),
      })
    },
  })
  hearFaults(scope, ({ message, details }) => {
    log.add('error', `worker: ${details}`)
    const error = failure('worker-error', `worker: ${message}`)
    void host.broker?.then((each) => each.tellError(error)).catch(() => undefined) // one that never came has no tabs
  })
  scope.addEventListener('online', () => void host.broker?.then((each) => each.networkIsBack()))
  if (isShared) scope.onconnect = ({ ports: [port] }) => port && host.open(port)
  else
    scope.onmessage = ({ data, ports: [port] }) => {
      if (!isLeaderWord(data)) return
      if (data.minimix === 'release') void host.release().then(() => scope.postMessage({ minimix: 'released' }))
      else if (port) host.open(port)
    }
}

function checkNames(names: readonly string[]): void {
  for (const name of names) {
    if (typeof name !== 'string' || name === '') throw new TypeError('startBroker({ plugins }): each must have a name')
    if (names.indexOf(name) !== names.lastIndexOf(name))
      throw new TypeError(`startBroker({ plugins }): two are ${name}`)
  }
}

/** Private windows and full disks have no IndexedDB: the chat goes on without an archive. */
async function openStore(account: string): Promise<{ readonly store: Store; readonly blocked: boolean }> {
  try {
    return { store: await idbStore(`minimix:${account}`, laterModule), blocked: false }
  } catch (error) {
    return { store: (await loadLater()).memoryStore(), blocked: error instanceof StoreBlocked }
  }
}

/** A file beside this one: how the two are built is in `build/worker-later.ts`. */
const loadLater = (): Promise<LaterModule> => loadInTime(() => import('./later.ts'), systemClock())

/** The same for who would rather not wait for what is there. */
function laterModule(): LaterModule | Promise<LaterModule> {
  return (
    loaded ??
    loadLater().then((module) => {
      loaded = module
      return module
    })
  )
}

type LaterModule = typeof import('./later.ts')
let loaded: LaterModule | undefined

/** What the worker before had of it, and may have left something for. Without it what it left waits. */
async function laterOf(store: Store, log: Log): Promise<Later | undefined> {
  const load = async (): Promise<Later | undefined> =>
    (await store.kept(NEEDED.part, NEEDED.key)) ? (await loadLater()).later : undefined
  return orLog(load(), log)
}

async function orLog<T>(loading: Promise<T>, log: Log): Promise<T | undefined> {
  try {
    return await loading
  } catch (error) {
    log.add('error', `a part of the worker cannot be loaded: ${describe(error)}`)
    return undefined
  }
}
