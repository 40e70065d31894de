import { afterEach, describe, expect, test } from 'vitest'
import type { ConnectOptions } from '../../src/tab/connect.ts'
import { ACCOUNT } from '../support/fakes/room-xml.ts'
import { type Tab, type TabStage, tabStage } from '../support/fakes/tab-pair.ts'
import { deferred } from '../support/fakes/turn.ts'

let stage: TabStage
afterEach(() => stage.end())

/** The account of a server on which the password is what the test says. */
function begin(): Record<string, string> {
  const accounts = { [ACCOUNT]: 'secret' }
  stage = tabStage({ accounts })
  return accounts
}

/** Takes the stage's own password away; `exactOptionalPropertyTypes` does not let an app write this. */
const NO_PASSWORD = { password: undefined } as unknown as Partial<ConnectOptions>
/** The first step of the wait for the next try is a second at most. */
const TRY_AGAIN_MS = 1_000
/** How long a tab without a password waits for those that have one. */
const OTHERS_MS = 3_000

const statusesOf = ({ account }: Tab): string[] => {
  const statuses: string[] = []
  account.on('status', ({ status }) => statuses.push(status))
  return statuses
}

const errorsOf = ({ account }: Tab): string[] => {
  const codes: string[] = []
  account.on('error', ({ code }) => codes.push(code))
  return codes
}

/** A person who is asked for the password: what they say, and how often they were asked. */
function person(...answers: string[]) {
  const asked = { times: 0 }
  const password = async (): Promise<string> => answers[Math.min(asked.times++, answers.length - 1)] ?? ''
  return { asked, password }
}

const breakOff = async (): Promise<void> => {
  stage.upstream.stream.end('closed')
  await stage.settle()
}

describe('a further tab', () => {
  test('needs no password', async () => {
    begin()
    await stage.tab()

    expect((await stage.tab(NO_PASSWORD)).account.status).toBe('online')
  })

  test('with the right password is let in, by the one connection that there is', async () => {
    begin()
    await stage.tab()

    expect((await stage.tab({ password: 'secret' })).account.status).toBe('online')
    expect(stage.upstream.streams).toHaveLength(1)
  })

  test('with a wrong password is refused, and the others see nothing of it', async () => {
    begin()
    const first = await stage.tab()
    const [statuses, errors] = [statusesOf(first), errorsOf(first)]

    const { connecting } = stage.connect({ password: 'wrong' })

    expect(await stage.failure(connecting)).toMatchObject({ code: 'not-authorized', retry: false })
    await stage.settle()
    expect([...statuses, ...errors]).toEqual([])
    expect(stage.upstream.streams).toHaveLength(1)
    expect((await stage.until(first.account.inspect())).tabs).toHaveLength(1)
    expect(first.account.status).toBe('online')
  })

  test('with a wrong password does not spoil the next try of a connection that is interrupted', async () => {
    begin()
    const first = await stage.tab()
    const statuses = statusesOf(first)
    await breakOff()

    const { connecting } = stage.connect({ password: 'wrong' })

    expect(await stage.failure(connecting)).toMatchObject({ code: 'not-authorized' })
    expect(statuses).toEqual(['interrupted', 'online'])
    expect(stage.upstream.streams.map(({ credentials }) => credentials.password)).toEqual(['secret', 'secret'])
  })

  test('that comes with another password while the first signs in has its turn where that of the first is wrong', async () => {
    begin()
    const first = stage.connect({ password: 'wrong' })
    const second = stage.connect({ password: 'secret' })

    expect(await stage.failure(first.connecting)).toMatchObject({ code: 'not-authorized' })
    expect((await stage.until(second.connecting)).status).toBe('online')
    expect(stage.upstream.streams.map(({ credentials }) => credentials.password)).toEqual(['wrong', 'secret'])
  })

  test('is asked for the password where that of the first is wrong', async () => {
    begin()
    const { asked, password } = person('secret')
    const first = stage.connect({ password: 'wrong' })
    const second = stage.connect({ password })

    expect(await stage.failure(first.connecting)).toMatchObject({ code: 'not-authorized' })
    expect((await stage.until(second.connecting)).status).toBe('online')
    expect(asked.times).toBe(1)
  })
})

describe('two tabs that can ask for the password', () => {
  test('ask once between them', async () => {
    begin()
    const { asked, password } = person('secret')

    const both = [stage.connect({ password }), stage.connect({ password })]

    for (const { connecting } of both) expect((await stage.until(connecting)).status).toBe('online')
    expect(asked.times).toBe(1)
  })

  test.each([
    ['whose person gives none', async (give: { reject(error: unknown): void }) => give.reject(new Error('not now'))],
    ['that dies', async (_give: unknown, die: () => void) => die()],
  ])('leave it to the second after the first one, %s', async (_which, fail) => {
    begin()
    const answer = deferred<string>()
    const { asked, password } = person('secret')
    const first = stage.connect({ password: () => answer.promise })
    await stage.settle()
    const second = stage.connect({ password })
    await stage.settle()
    expect(asked.times).toBe(0)

    await fail(answer, first.die)

    expect((await stage.until(second.connecting)).status).toBe('online')
    expect(asked.times).toBe(1)
  })
})

describe('a password that the server has changed', () => {
  test('is told once, asked for in the tab that the person was at last, and the answer is for all', async () => {
    const accounts = begin()
    const [here, there] = [person('secret', 'newer'), person('newer')]
    const plain = await stage.tab()
    await stage.tab({ password: there.password })
    const last = await stage.tab({ password: here.password })
    await stage.until(last.account.setActivity('active'))
    const heard = [plain, last].map(statusesOf)
    here.asked.times = 1 // what it said first was the password of then
    accounts[ACCOUNT] = 'newer'

    await breakOff()
    await stage.pass(TRY_AGAIN_MS)

    expect(heard).toEqual([
      ['interrupted', 'refused', 'interrupted', 'online'],
      ['interrupted', 'refused', 'interrupted', 'online'],
    ])
    expect([here.asked.times, there.asked.times]).toEqual([2, 0])
    expect(stage.upstream.streams.map(({ credentials }) => credentials.password)).toEqual(['secret', 'secret', 'newer'])
  })

  test('is not tried twice with the same words, nor asked for again', async () => {
    const accounts = begin()
    const { asked, password } = person('secret')
    const tab = await stage.tab({ password })
    const [statuses, errors] = [statusesOf(tab), errorsOf(tab)]
    accounts[ACCOUNT] = 'newer'

    await breakOff()
    await stage.pass(TRY_AGAIN_MS)
    // In steps: a page that lost a minute at once would take its worker for dead.
    for (let seconds = 0; seconds < 60; seconds++) await stage.pass(1_000)

    expect(statuses).toEqual(['interrupted', 'refused'])
    expect(errors).toEqual(['not-authorized'])
    expect(asked.times).toBe(2)
    expect(stage.upstream.streams).toHaveLength(2)
  })

  test('is healed by a tab that comes with the right one, for all tabs and their rooms', async () => {
    const accounts = begin()
    const tab = await stage.tabInRoom()
    accounts[ACCOUNT] = 'newer'
    await breakOff()
    await stage.pass(TRY_AGAIN_MS)
    expect(tab.account.status).toBe('refused')

    const other = await stage.tab({ password: 'newer' })

    expect(other.account.status).toBe('online')
    await stage.settle()
    expect(tab.account.status).toBe('online')
    expect(tab.room.state).toBe('in')
  })

  test('does not keep a tab out for good that comes to the next worker with the old one', async () => {
    const accounts = begin()
    const tab = await stage.tabInRoom()
    accounts[ACCOUNT] = 'newer'
    stage.worker.die()
    await stage.settle()
    expect(tab.account.status).toBe('refused')

    await stage.tab({ password: 'newer' })
    await stage.settle()

    expect(tab.account.status).toBe('online')
    expect(tab.room.state).toBe('in')
  })
})

describe('after the death of a worker', () => {
  test('a tab without a password waits for one that has it, and nobody hears of an error', async () => {
    begin()
    const first = await stage.tabInRoom()
    const second = await stage.tab(NO_PASSWORD)
    const errors = [first, second].map(errorsOf)

    stage.worker.die()
    await stage.settle()

    expect([first, second].map(({ account }) => account.status)).toEqual(['online', 'online'])
    expect(errors).toEqual([[], []])
  })

  test('where no tab has a password, that is told', async () => {
    begin()
    const first = await stage.tab()
    const second = await stage.tab(NO_PASSWORD)
    const errors = errorsOf(second)
    await stage.until(first.account.detach())

    stage.worker.die()
    await stage.settle()
    expect(errors).toEqual([])
    await stage.pass(OTHERS_MS)

    expect(errors).toEqual(['credentials-required'])
  })
})

test('no password is in what the worker shows of itself', async () => {
  const accounts = begin()
  const tab = await stage.tab()
  await stage.failure(stage.connect({ password: 'a wrong one' }).connecting)
  accounts[ACCOUNT] = 'newer'
  await breakOff()
  await stage.pass(TRY_AGAIN_MS)

  const shown = JSON.stringify(await stage.until(tab.account.inspect()))

  expect(shown).toContain('refused')
  for (const password of ['secret', 'a wrong one', 'newer']) expect(shown).not.toContain(password)
})
