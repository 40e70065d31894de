// @vitest-environment happy-dom
import { createElement, StrictMode } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { useAccount, useRoom, useUnread } from '../../src/react.ts'
import type { ConnectOptions } from '../../src/tab/connect.ts'
import { type ReactStage, reactStage } from '../support/fakes/react-stage.ts'
import { ACCOUNT, ROOM } from '../support/fakes/room-xml.ts'
import { SERVICE } from '../support/fakes/tab-pair.ts'

let stage: ReactStage
beforeEach(() => {
  stage = reactStage()
})
afterEach(() => stage.end())

const options = (words: Partial<ConnectOptions> = {}): ConnectOptions => ({
  jid: ACCOUNT,
  service: SERVICE,
  password: 'secret',
  worker: () => stage.spawn(),
  ...words,
})
const tabsOf = async (): Promise<number> => {
  const { account } = await stage.tab()
  const { tabs } = await stage.until(account.inspect())
  await stage.until(account.detach())
  return tabs.length - 1
}

test('a component that is there is one tab of the account, also in strict mode, and none when it is gone', async () => {
  const used = await stage.use(useAccount, options())
  const { account } = used.now

  expect(used.all[0]).toMatchObject({ account: undefined, status: 'connecting', error: undefined })
  expect(used.now).toMatchObject({ status: 'online', error: undefined })
  expect(account?.jid).toBe(ACCOUNT)
  expect(stage.counts).toEqual({ spawned: 1, started: 1 })
  expect(await tabsOf()).toBe(1)

  await used.gone()
  expect(account?.status).toBe('offline')
  expect(await tabsOf()).toBe(0)
})

test('options that are written anew for each render are the same options', async () => {
  const used = await stage.use(useAccount, options())
  const { now } = used

  await used.again(options())

  expect(used.now).toBe(now)
  expect(stage.counts.spawned).toBe(1)
})

test('other options are another connection', async () => {
  const used = await stage.use(useAccount, options({ idleAfterMs: 1_000 }))
  const { account } = used.now

  await used.again(options({ idleAfterMs: 2_000 }))

  expect(account?.status).toBe('offline')
  expect(used.now.status).toBe('online')
  expect(used.now.account).not.toBe(account)
  expect(await tabsOf()).toBe(1)
})

test('what can be tried again is', async () => {
  let works = false
  const worker = (): SharedWorker => {
    if (works) return stage.spawn()
    throw new Error('no worker today')
  }
  const used = await stage.use(useAccount, options({ worker }))
  expect(used.now).toMatchObject({ account: undefined, error: { code: expect.any(String) } })

  works = true
  await stage.acted(() => used.now.retry())

  expect(used.now).toMatchObject({ status: 'online', error: undefined })
})

test('an address that cannot be any is an error of the account, and options of the wrong type are one of the program', async () => {
  const used = await stage.use(useAccount, options({ jid: 'no address' }))
  expect(used.now).toMatchObject({ account: undefined, status: 'refused', error: { code: 'jid-malformed' } })

  await expect(stage.use(useAccount, options({ timeoutMs: -1 }))).rejects.toThrow(TypeError)
})

test('of an account that is there it says where it stands, and leaves it alone', async () => {
  const { account } = await stage.tab()
  const used = await stage.use(useAccount, account)
  expect(used.now).toMatchObject({ account, status: 'online' })

  await stage.acted(() => stage.upstream.stream.end('closed'))
  expect(used.now.status).not.toBe('online')
  await stage.acted(() => stage.pass(5_000))
  expect(used.now.status).toBe('online')

  await used.gone()
  expect(account.status).toBe('online')
})

test('as long as nobody has signed in there is no account', async () => {
  const used = await stage.use(useAccount, undefined as ConnectOptions | undefined)
  expect(used.now).toMatchObject({ account: undefined, status: 'offline' })

  await used.again(options())
  expect(used.now.status).toBe('online')
})

test('a page that a server has made is taken over as it is, and goes on from there', async () => {
  const Page = () => {
    const { account, status } = useAccount(options())
    return createElement('p', null, `${status}, ${useRoom(account, ROOM, { nick: 'juliet' }).state}`)
  }
  const page = document.createElement('main')
  page.innerHTML = renderToString(createElement(Page))
  expect(page.textContent).toBe('connecting, out')
  const differences: unknown[] = []
  const [first] = page.children

  const root = await stage.acted(() =>
    hydrateRoot(page, createElement(StrictMode, null, createElement(Page)), {
      onRecoverableError: (error) => differences.push(error),
    }),
  )
  await stage.acted(() => undefined)

  expect(page.textContent).toBe('online, in')
  expect(page.children[0]).toBe(first)
  expect(differences).toEqual([])
  await stage.acted(() => root.unmount())
})

test('what nobody has seen is counted by room and in all, and is another object only where a count changed', async () => {
  const { account, room } = await stage.tabInRoom()
  const used = await stage.use(useUnread, account)
  expect(used.now).toMatchObject({ unread: 0, mentions: 0 })
  stage.look(false)
  await stage.settle()

  await stage.acted(() => {
    stage.room.enter('Romeo')
    stage.room.say('Romeo', 'hello')
    stage.room.say('Romeo', 'juliet: are you there?')
  })

  expect(used.now).toMatchObject({ unread: 2, mentions: 1 })
  expect(used.now.rooms.get(room.jid)).toMatchObject({ unread: 2, mentions: 1 })
  const { now } = used
  await used.again(account)
  expect(used.now).toBe(now)
})
