import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { CONTRACT_VERSION } from '../../src/contract/api.ts'
import { MinimixError } from '../../src/contract/errors.ts'
import type { Account } from '../../src/tab/account.ts'
import { type ConnectOptions, connect } from '../../src/tab/connect.ts'
import { type OwnWorker, ownWorker } from '../support/fakes/own-worker.ts'
import { ACCOUNT, ROOM } from '../support/fakes/room-xml.ts'
import { browserGlobals, SERVICE, type TabStage, tabStage } from '../support/fakes/tab-pair.ts'
import { deferred, turns } from '../support/fakes/turn.ts'

let stage: TabStage
const begin = (options: Parameters<typeof tabStage>[0] = {}): TabStage => {
  stage?.end()
  stage = tabStage(options)
  return stage
}
beforeEach(() => {
  stage = tabStage()
})
afterEach(() => stage.end())

const RIGHT: ConnectOptions = { jid: ACCOUNT, service: SERVICE, password: 'secret' }
/** What an app in plain JavaScript may give. */
const wrong = (words: object): ConnectOptions => ({ ...RIGHT, ...words })
/** Takes the stage's own password away; `exactOptionalPropertyTypes` does not let an app write this. */
const NO_PASSWORD = { password: undefined } as unknown as Partial<ConnectOptions>
/** A worker that is there, and says nothing. */
const silentWorker = (): SharedWorker => {
  const { port1 } = new MessageChannel()
  return { port: port1, onerror: null } as unknown as SharedWorker // the two things that are touched
}

describe('bad input', () => {
  test.each([
    ['options that are none', undefined],
    ['options that are null', null],
    ['options that are a text', 'juliet@capulet.example'],
    ['no jid', wrong({ jid: undefined })],
    ['a jid that is no text', wrong({ jid: 7 })],
    ['a service that is no URL', wrong({ service: 'capulet.example' })],
    ['a service that is no WebSocket', wrong({ service: 'https://capulet.example/' })],
    ['a service that is a number', wrong({ service: 7 })],
    ['services of which one is no URL', wrong({ service: [SERVICE, ''] })],
    ['a service that is null', wrong({ service: null })],
    ['a password that is a number', wrong({ password: 7 })],
    ['a password that is null', wrong({ password: null })],
    ['an end that there is not', wrong({ onLastTab: 'stay' })],
    ['allowPlain that is no boolean', wrong({ allowPlain: 'yes' })],
    ['a time that is no number', wrong({ timeoutMs: '5' })],
    ['a time that is not a number', wrong({ timeoutMs: Number.NaN })],
    ['a time of nothing', wrong({ timeoutMs: 0 })],
    ['a worker that is an object', wrong({ worker: {} })],
    ['a worker that is null', wrong({ worker: null })],
    ['a word on shared workers that there is not', wrong({ sharedWorker: 'always' })],
    ['a word on shared workers that is none', wrong({ sharedWorker: false })],
    ['reloadWhenHidden that is no boolean', wrong({ reloadWhenHidden: 'yes' })],
    ['an idle time of nothing', wrong({ idleAfterMs: 0 })],
    ['a signal that is none', wrong({ signal: {} })],
  ])('as %s throws a TypeError at once', (_what, options) => {
    // What rejects instead of throwing is the failure that is looked for, and no second one.
    expect(() => void connect(options as ConnectOptions).catch(() => undefined)).toThrow(TypeError)
  })

  test.each(['', 'juliet@', '@capulet.example', `${ACCOUNT}/balcony`, 'a b@c', 'capulet.example'])(
    'as the address %j throws jid-malformed at once',
    (jid) => {
      const code = (): unknown => {
        try {
          void connect({ ...RIGHT, jid }).catch(() => undefined)
          return 'nothing was thrown'
        } catch (error) {
          return error instanceof MinimixError ? error.code : error
        }
      }

      expect(code()).toBe('jid-malformed')
    },
  )
})

describe('a browser that has not what is needed', () => {
  test('rejects with worker-unavailable', async () => {
    const { restore } = browserGlobals([])
    Reflect.deleteProperty(globalThis, 'SharedWorker')

    await expect(connect(RIGHT)).rejects.toMatchObject({ code: 'worker-unavailable' })
    restore()
  })

  test('because of its locks rejects with worker-unavailable', async () => {
    const globals = browserGlobals([])
    globals.setLocks(null as unknown as LockManager) // what some have

    await expect(connect(RIGHT)).rejects.toMatchObject({ code: 'worker-unavailable' })
    globals.restore()
  })

  test('because it has no navigator at all rejects with worker-unavailable', async () => {
    const { restore } = browserGlobals([])
    Reflect.deleteProperty(globalThis, 'navigator')

    await expect((async () => connect(RIGHT))()).rejects.toMatchObject({ code: 'worker-unavailable' })
    restore()
  })
})

describe('which worker it is', () => {
  /** What is started, in its order, and then says no: how the tab looks for it is not what is tested here. */
  const started: string[] = []
  const recorder = (kind: string) =>
    class {
      constructor(url: string | URL, options: WorkerOptions & { extendedLifetime?: boolean }) {
        const { type, name, extendedLifetime = false } = options
        started.push([kind, String(url).split('/').at(-1), type, name, extendedLifetime].join(' '))
        throw new TypeError('no worker may be started here')
      }
    }
  const NAME = `minimix:extended:${CONTRACT_VERSION}:${ACCOUNT}`
  const { Worker: WorkerBefore } = globalThis
  beforeEach(() => {
    started.length = 0
    Object.assign(globalThis, { SharedWorker: recorder('SharedWorker'), Worker: recorder('Worker') })
  })
  afterEach(() => {
    if (WorkerBefore) globalThis.Worker = WorkerBefore
    else Reflect.deleteProperty(globalThis, 'Worker')
  })
  const shared = (file: string): string => `SharedWorker ${file} module ${NAME} true`
  const own = (file: string): string => `Worker ${file} module ${NAME} false`

  test.each([
    ['is the shared one of the SDK, unless told otherwise', {}, shared('worker.ts')],
    ['is shared where that is said', { sharedWorker: 'auto' }, shared('worker.ts')],
    ['is one of this tab where that is said', { sharedWorker: 'never' }, own('worker.ts')],
    ['is the shared one of a text', { worker: '/app/chat.js' }, shared('chat.js')],
    ['is the shared one of a URL', { worker: new URL('https://a.example/chat.js') }, shared('chat.js')],
    ['is one of this tab of a text', { worker: '/app/chat.js', sharedWorker: 'never' }, own('chat.js')],
  ] as const)('%s', async (_what, words, expected) => {
    // `undefined` takes the stage's own worker away; an app leaves it out.
    const { connecting } = stage.connect({ worker: undefined, ...words } as Partial<ConnectOptions>)
    const failing = stage.failure(connecting)
    await turns(3)
    await stage.pass(1)

    expect(await failing).toMatchObject({ code: 'worker-unavailable' })
    expect(started).toEqual([expected])
  })

  test('is one of this tab where there are no shared ones', async () => {
    Reflect.deleteProperty(globalThis, 'SharedWorker')
    const { connecting } = stage.connect({ worker: undefined } as unknown as Partial<ConnectOptions>)
    const failing = stage.failure(connecting)
    await turns(3)
    await stage.pass(1)

    expect(await failing).toMatchObject({ code: 'worker-unavailable' })
    expect(started).toEqual([own('worker.ts')])
  })

  test('is what the app starts itself, whatever else is said', async () => {
    const { account } = await stage.tab({ sharedWorker: 'never' })

    expect([account.status, stage.counts.spawned, started]).toEqual(['online', 1, []])
  })

  test('is worker-unavailable, at once, where the app’s own way throws', async () => {
    let asked = 0
    const { connecting } = stage.connect({
      worker() {
        asked += 1
        throw new TypeError('This document requires TrustedScriptURL assignment.')
      },
    })

    const error = await stage.failure(connecting)

    expect(error).toMatchObject({ code: 'worker-unavailable', message: expect.stringContaining('TrustedScriptURL') })
    expect(asked).toBe(1)
  })
})

describe('a dedicated worker that the app starts', () => {
  test('serves this tab as a shared one would', async () => {
    const { worker, said } = dedicated()

    const account = await hosted(worker)

    expect([account.status, said]).toEqual(['online', ['connect']])
    expect(stage.locks.isHeld(`minimix:leader:${ACCOUNT}`)).toBe(true)
  })

  test('lets go of the account with its tab', async () => {
    const { worker, said, release } = dedicated()
    const account = await hosted(worker)

    const detaching = account.detach()
    await stage.until(detaching)
    release()
    await stage.settle()

    expect(said).toEqual(['connect', 'release'])
    expect(stage.locks.isHeld(`minimix:leader:${ACCOUNT}`)).toBe(false)
  })

  /** A tab that is online by that worker; to lead takes a timer. */
  async function hosted(worker: Worker): Promise<Account> {
    const { connecting } = stage.connect({ worker: () => worker })
    await turns(3)
    await stage.pass(1)
    return stage.until(connecting)
  }

  /** A worker whose ports lead to the stage's. */
  function dedicated(): OwnWorker {
    const made = ownWorker()
    const postMessage = made.worker.postMessage.bind(made.worker)
    made.worker.postMessage = (word: unknown, transferred: unknown = []) => {
      const [port] = transferred as MessagePort[]
      postMessage(word, transferred as Transferable[])
      if (!port) return
      const { port: far } = stage.spawn()
      port.onmessage = ({ data, ports }) => far.postMessage(data, [...ports])
      far.onmessage = ({ data, ports }) => port.postMessage(data, [...ports])
    }
    return made
  }
})

describe('a tab that is outdated', () => {
  const newer = (worker: SharedWorker): SharedWorker => {
    // The stage's worker, which is asked for the account by a newer one as soon as it has let the tab in.
    const { port1, port2 } = new MessageChannel()
    worker.port.onmessage = ({ data }) => port2.postMessage(data)
    port2.onmessage = ({ data, ports }) => worker.port.postMessage(data, [...ports])
    refuse = () =>
      port2.postMessage({
        minimix: 'refused',
        contract: CONTRACT_VERSION,
        error: { code: 'outdated', message: 'reload', retry: false },
      })
    return { port: port1, onerror: null } as unknown as SharedWorker // the two things that are touched
  }
  let refuse: () => void = () => undefined
  let reloads = 0
  beforeEach(() => {
    reloads = 0
    vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: () => undefined })
    vi.stubGlobal('location', {
      reload() {
        reloads += 1
      },
    })
    begin({ worker: (spawn) => newer(spawn()) })
  })
  afterEach(() => vi.unstubAllGlobals())

  test('later hears of it once, with the error, is offline, and its calls fail with it', async () => {
    const { account } = await stage.tab()
    const heard: unknown[] = []
    account.on('outdated', (event) => heard.push(event))
    account.on('status', ({ status, error }) => heard.push([status, error?.code]))

    refuse()
    await stage.settle()

    expect(heard).toEqual([
      ['interrupted', undefined],
      { error: expect.objectContaining({ code: 'outdated' }) },
      ['offline', 'outdated'],
    ])
    expect(await stage.failure(account.inspect())).toMatchObject({ code: 'outdated' })
    expect(await stage.failure(account.room(ROOM).join({ nick: 'juliet' }))).toMatchObject({ code: 'outdated' })
  })

  test.each([
    [{ reloadWhenHidden: true }, 1],
    [{ reloadWhenHidden: false }, 0],
    [{}, 0],
  ])('with %j is loaded anew %i times once nobody looks at it', async (words, expected) => {
    await stage.tab(words)
    refuse()
    await stage.settle()
    expect(reloads).toBe(0)

    stage.look(false)

    expect(reloads).toBe(expected)
  })
})

describe('connect', () => {
  test('resolves once the account is online', async () => {
    const tab = await stage.tab()

    expect(tab.account.jid).toBe(ACCOUNT)
    expect(tab.account.status).toBe('online')
  })

  test('gives the normal form of the address', async () => {
    const tab = await stage.tab({ jid: 'Juliet@Capulet.Example' })

    expect(tab.account.jid).toBe(ACCOUNT)
  })

  test('needs no password where another tab has signed in', async () => {
    await stage.tab()

    const { connecting } = stage.connect(NO_PASSWORD)

    expect((await stage.until(connecting)).status).toBe('online')
    expect(stage.upstream.streams).toHaveLength(1)
  })

  test('rejects with credentials-required where there is nothing to sign in with', async () => {
    const { connecting } = stage.connect(NO_PASSWORD)

    expect(await stage.failure(connecting)).toMatchObject({ code: 'credentials-required' })
  })

  test('asks for a password only where no other tab has signed in', async () => {
    let asked = 0
    const password = async (): Promise<string> => {
      asked += 1
      return 'secret'
    }

    await stage.tab({ password })
    await stage.tab({ password })

    expect(asked).toBe(1)
    expect(stage.upstream.stream.credentials.password).toBe('secret')
  })

  test('rejects with what the password function throws', async () => {
    const closed = new Error('the person has closed the dialogue')

    const { connecting } = stage.connect({ password: () => Promise.reject(closed) })

    expect(await stage.failure(connecting)).toBe(closed)
  })

  test('rejects with not-authorized for a wrong password, and a later one works', async () => {
    begin({ accounts: { [ACCOUNT]: 'secret' } })

    const { connecting } = stage.connect({ password: 'wrong' })
    expect(await stage.failure(connecting)).toMatchObject({ name: 'MinimixError', code: 'not-authorized' })

    expect((await stage.tab()).account.status).toBe('online')
  })

  test('rejects with service-unreachable where nobody answers, and says that a further try can help', async () => {
    begin({ services: [] })

    const { connecting } = stage.connect()

    expect(await stage.failure(connecting)).toMatchObject({ code: 'service-unreachable', retry: true })
  })

  test('rejects with an error of the one class', async () => {
    begin({ services: [] })

    const error = await stage.failure(stage.connect().connecting)

    expect(error).toBeInstanceOf(MinimixError)
    expect(error).toBeInstanceOf(Error)
  })

  test('to a worker of another account rejects with worker-unavailable', async () => {
    const { connecting } = stage.connect({ jid: 'romeo@montague.example' })

    expect(await stage.failure(connecting)).toMatchObject({ code: 'worker-unavailable' })
  })

  test('rejects with outdated where the worker speaks another version, at once', async () => {
    const spawned: SharedWorker[] = []
    const { connecting } = stage.connect({
      worker() {
        const { port1, port2 } = new MessageChannel()
        port2.postMessage({ minimix: 'born', contract: 2, instance: 'newer' })
        port2.onmessage = () =>
          port2.postMessage({
            minimix: 'refused',
            contract: 2,
            error: { code: 'outdated', message: 'reload', retry: false },
          })
        const worker = { port: port1, onerror: null } as unknown as SharedWorker // the two things that are touched
        spawned.push(worker)
        return worker
      },
    })

    expect(await stage.failure(connecting)).toMatchObject({ code: 'outdated', retry: false })
    expect(spawned).toHaveLength(1)
    for (const { port } of spawned) port.close()
  })
})

describe('a worker that does not answer', () => {
  test('is looked for three times, for three seconds each, and then it is worker-unavailable', async () => {
    let spawned = 0
    const { connecting } = stage.connect({
      worker() {
        spawned += 1
        return silentWorker()
      },
    })
    const failing = stage.failure(connecting)
    for (const expected of [1, 2, 3]) {
      await turns(3)
      expect(spawned).toBe(expected)
      await stage.pass(3_000)
    }

    expect(await failing).toMatchObject({ code: 'worker-unavailable' })
    expect(spawned).toBe(3)
  })

  test('the first time, and answers the second, is one', async () => {
    let tries = 0
    begin({
      worker(spawn) {
        tries += 1
        return tries === 1 ? silentWorker() : spawn()
      },
    })

    const { connecting } = stage.connect()
    await turns(3)
    await stage.pass(3_000)

    expect((await stage.until(connecting)).status).toBe('online')
  })

  test('in time, but then does, is let answer: a slow disk must not keep a tab out', async () => {
    const gate = deferred()
    begin({
      worker(spawn) {
        const worker = spawn()
        // The welcome comes late; what was said before it comes at once.
        const { port1, port2 } = new MessageChannel()
        worker.port.onmessage = ({ data }) => {
          if (data?.minimix === 'welcome') void gate.promise.then(() => port2.postMessage(data))
          else port2.postMessage(data)
        }
        port2.onmessage = ({ data, ports }) => worker.port.postMessage(data, [...ports])
        return { port: port1, onerror: null } as unknown as SharedWorker // the two things that are touched
      },
    })
    const { connecting } = stage.connect()
    await turns(5)

    await stage.pass(4_000)
    gate.resolve()

    expect((await stage.until(connecting)).status).toBe('online')
  })

  test('because it cannot be loaded is told at once', async () => {
    const { connecting } = stage.connect({
      worker() {
        const worker = silentWorker()
        setImmediate(() => worker.onerror?.(new Event('error') as ErrorEvent))
        return worker
      },
    })

    expect(await stage.failure(connecting)).toMatchObject({ code: 'worker-unavailable' })
  })

  test('is not one because an exception was thrown in it (Firefox tells those, too)', async () => {
    begin({
      worker(spawn) {
        const worker = spawn()
        setImmediate(() => worker.onerror?.(new ErrorEvent('error')))
        return worker
      },
    })

    expect((await stage.tab()).account.status).toBe('online')
    expect(stage.counts.spawned).toBe(1)
  })
})

describe('the time for it', () => {
  test('ends the wait for a server that does not answer', async () => {
    begin({ signIn: 'by-hand' })
    const { connecting } = stage.connect({ timeoutMs: 5_000 })
    const failing = stage.failure(connecting)
    await stage.settle()

    await stage.pass(5_000)

    expect(await failing).toMatchObject({ code: 'timeout', retry: true })
  })

  test('ends the wait for a worker that does not answer, when it is over and not later', async () => {
    const outcomes: unknown[] = []
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    const { connecting } = stage.connect({ timeoutMs: 2_000, worker: silentWorker })
    connecting.catch((error: unknown) => outcomes.push(error))
    await turns(3)

    await stage.pass(2_000)
    await turns(3)
    process.off('unhandledRejection', note)

    expect(outcomes).toMatchObject([{ code: 'timeout' }])
    expect(unhandled).toEqual([])
  })
})

describe('a signal', () => {
  test('that is aborted before rejects, and nothing is begun', async () => {
    const { connecting } = stage.connect({ signal: AbortSignal.abort() })

    expect(await stage.failure(connecting)).toMatchObject({ code: 'aborted' })
    expect(stage.counts.spawned).toBe(0)
  })

  test('that is aborted while the server is awaited rejects', async () => {
    begin({ signIn: 'by-hand' })
    const ending = new AbortController()
    const { connecting } = stage.connect({ signal: ending.signal })
    const failing = stage.failure(connecting)
    await stage.settle()

    ending.abort()

    expect(await failing).toMatchObject({ code: 'aborted' })
  })

  test('that is aborted while the worker is awaited rejects at once', async () => {
    const ending = new AbortController()
    const { connecting } = stage.connect({ signal: ending.signal, worker: silentWorker })
    const outcomes: unknown[] = []
    connecting.catch((error: unknown) => outcomes.push(error))
    await turns(3)

    ending.abort()
    await turns(5)

    expect(outcomes).toMatchObject([{ code: 'aborted' }])
  })

  test('that is aborted later detaches this tab, and only this one', async () => {
    const ending = new AbortController()
    const t1 = await stage.tab({ signal: ending.signal })
    const t2 = await stage.tab()
    await stage.until(t1.room.join({ nick: 'juliet' }))
    await stage.until(t2.room.join({ nick: 'juliet' }))

    ending.abort()
    await stage.settle()

    const { tabs } = await stage.until(t2.account.inspect())
    expect(tabs).toHaveLength(1)
    expect([t1.account.status, t2.account.status]).toEqual(['offline', 'online'])
  })
})
