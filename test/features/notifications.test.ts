import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { notifications } from '../../src/features/notifications.ts'
import type { AccountEvents } from '../../src/tab/events.ts'
import { conference } from '../support/fakes/fake-pep.ts'
import { ROOM } from '../support/fakes/room-xml.ts'
import { type Tab, type TabStage, type TabStageOptions, tabStage } from '../support/fakes/tab-pair.ts'

const NS = 'urn:xmpp:notification-settings:1'
const PIN = '<pin xmlns="urn:example:pins"/>'
const extensions = (inside: string): string => `<extensions>${inside}</extensions>`
const notify = (when: string): string => `<notify xmlns='${NS}'><${when}/></notify>`

let stage: TabStage
const begin = (options: TabStageOptions = {}): void => {
  stage = tabStage({ plugins: [notifications], ...options })
}
beforeEach(() => begin())
afterEach(() => stage.end())

type Heard = (AccountEvents['notifications'] | string)[]

/** What a tab is told of settings, and what it is to notify of. */
function hearing({ account }: Tab): Heard {
  const heard: Heard = []
  account.on('notifications', (event) => heard.push(event))
  account.on('notify', ({ reason, message }) => heard.push(`${reason} ${message.body}`))
  return heard
}

async function say(...bodies: readonly string[]): Promise<void> {
  for (const body of bodies) stage.room.say('romeo', body)
  await stage.settle()
}

async function pair(): Promise<[Tab, Tab]> {
  const tabs = [await stage.tabInRoom(), await stage.tabInRoom()] as const
  stage.look(false)
  await stage.settle()
  return [...tabs]
}

describe('the setting of a room that has a bookmark', () => {
  test('stands there beside what others keep, is told to all tabs, and holds', async () => {
    stage.pep.set(ROOM, conference("autojoin='false' name='Garden'", extensions(PIN + notify('never'))))
    const [t1, t2] = await pair()
    const heard = [hearing(t1), hearing(t2)]
    expect(await stage.until(t2.account.notifications.get(ROOM))).toBe('never')

    await stage.until(t1.account.notifications.set(ROOM, 'always'))

    for (const each of heard) expect(each).toEqual([{ room: ROOM, when: 'always' }])
    expect(await stage.until(t2.account.notifications.get(ROOM))).toBe('always')
    const item = stage.pep.items.get(ROOM)
    expect(item).toContain(PIN)
    expect(item).toContain(`<notify xmlns="${NS}"><always/></notify>`)
    expect(item).toContain('name="Garden"')
    await say('to all')
    expect(heard.flat().filter((each) => each === 'message to all')).toHaveLength(1)
  })

  test('that another device changes is followed, and so is its end', async () => {
    stage.pep.set(ROOM, conference("autojoin='false'"))
    const [t1] = await pair()
    const heard = hearing(t1)

    stage.pep.set(ROOM, conference("autojoin='false'", extensions(notify('never'))))
    await stage.settle()
    await say('juliet!')
    stage.pep.set(ROOM, conference("autojoin='false' name='x'", extensions(notify('never'))))
    await stage.settle()
    stage.pep.remove(ROOM)
    await stage.settle()
    await say('juliet?')

    expect(heard.filter((each) => typeof each === 'object')).toEqual([{ room: ROOM, when: 'never' }, { room: ROOM }])
    expect(await stage.until(t1.account.notifications.get(ROOM))).toBeUndefined()
    expect(heard).not.toContain('mention juliet!')
  })

  test('that is taken away leaves the rest as it was', async () => {
    stage.pep.set(ROOM, conference("autojoin='true'", extensions(PIN + notify('never'))))
    const [t1] = await pair()

    await stage.until(t1.account.notifications.set(ROOM, null))

    expect(stage.pep.items.get(ROOM)).toContain(PIN)
    expect(stage.pep.items.get(ROOM)).not.toContain(NS)
    expect(stage.pep.items.get(ROOM)).toContain('autojoin="true"')
    expect(await stage.until(t1.account.notifications.get(ROOM))).toBeUndefined()
  })

  test('that the server does not take is as it was, and the tab is told', async () => {
    stage.pep.set(ROOM, conference("autojoin='false'", extensions(notify('never'))))
    const [t1] = await pair()
    stage.pep.service = 'broken'

    expect(await stage.failure(t1.account.notifications.set(ROOM, 'always'))).toMatchObject({
      code: 'stanza-error',
      condition: 'internal-server-error',
    })
    expect(await stage.until(t1.account.notifications.get(ROOM))).toBe('never')
  })

  test('takes the place of the one that was kept here', async () => {
    const [t1] = await pair()
    await stage.until(t1.account.notifications.set(ROOM, 'never'))
    stage.pep.set(ROOM, conference("autojoin='false'"))
    await stage.settle()
    expect(await stage.until(t1.account.notifications.get(ROOM))).toBe('never')

    await stage.until(t1.account.notifications.set(ROOM, 'always'))
    await stage.until(t1.account.notifications.set(ROOM, null))

    expect(await stage.until(t1.account.notifications.get(ROOM))).toBeUndefined()
  })
})

describe('the setting of a room without a bookmark', () => {
  test('is kept here: no bookmark is made of it, and all tabs are told', async () => {
    const [t1, t2] = await pair()
    const heard = hearing(t2)

    await stage.until(t1.account.notifications.set(ROOM, 'always'))
    await say('to all')

    expect(heard[0]).toEqual({ room: ROOM, when: 'always' })
    expect(stage.pep.changes).toEqual([])
    expect(await stage.until(t2.account.notifications.get(ROOM))).toBe('always')
  })

  test('gives way to the default when it is taken away', async () => {
    const t1 = await stage.tabInRoom()
    stage.look(false)
    const heard = hearing(t1)
    await stage.until(t1.account.notifications.setDefault('never'))
    await stage.until(t1.account.notifications.set(ROOM, 'on-mention'))
    await say('juliet!')
    await stage.until(t1.account.notifications.set(ROOM, null))
    await say('juliet?')

    expect(heard.filter((each) => typeof each === 'object')).toEqual([
      { when: 'never' },
      { room: ROOM, when: 'on-mention' },
      { room: ROOM },
    ])
    expect(heard.filter((each) => typeof each === 'string')).toEqual(['mention juliet!'])
    expect(await stage.until(t1.account.notifications.default())).toBe('never')
    await stage.until(t1.account.notifications.setDefault(null))
    expect(await stage.until(t1.account.notifications.default())).toBeUndefined()
  })
})

test('settings outlive the worker, those of bookmarks in a session that goes on, too', async () => {
  stage.end()
  begin({ management: 'resumes' })
  stage.pep.set('hall@rooms.example', conference("autojoin='false'", extensions(notify('always'))))
  const [t1] = await pair()
  await stage.until(t1.account.notifications.set(ROOM, 'always'))
  await stage.until(t1.account.notifications.setDefault('never'))

  stage.worker.die()
  await stage.pass(1_000)

  expect(stage.counts.started).toBe(2)
  expect(stage.upstream.streams.filter(({ session }) => session === stage.upstream.stream.session)).toHaveLength(2)
  expect(await stage.until(t1.account.notifications.get(ROOM))).toBe('always')
  expect(await stage.until(t1.account.notifications.get('hall@rooms.example'))).toBe('always')
  expect(await stage.until(t1.account.notifications.default())).toBe('never')
})

test('a bookmark that is read again after the worker died does not bring the account back into a room that threw it out', async () => {
  stage.end()
  begin({ management: 'resumes' })
  stage.pep.set(ROOM, conference())
  const { account } = await stage.tab()
  expect(stage.room.nicks).toEqual(['juliet'])
  stage.room.exit('juliet', { codes: [307] })
  await stage.settle()

  stage.worker.die()
  await stage.pass(1_000)

  expect(stage.counts.started).toBe(2)
  expect(await stage.until(account.bookmarks.list())).toMatchObject([{ room: ROOM, autojoin: true }])
  expect(stage.room.nicks).toEqual([])
})

test('a bookmark that holds a room holds it in the next worker, too', async () => {
  stage.end()
  begin({ management: 'resumes' })
  stage.pep.set(ROOM, conference())
  const { account } = await stage.tab()

  stage.worker.die()
  await stage.pass(1_000)
  await stage.pass(60_000)

  expect(stage.counts.started).toBe(2)
  expect(stage.room.nicks).toEqual(['juliet'])
  expect([...account.memberships.keys()]).toEqual([ROOM])
})

test('wrong arguments are refused at once', async () => {
  const { account } = await stage.tab()
  const settings = account.notifications

  // @ts-expect-error: there is no such word
  expect(() => settings.set(ROOM, 'sometimes')).toThrow(TypeError)
  // @ts-expect-error: nothing is taken away by forgetting it
  expect(() => settings.set(ROOM)).toThrow(TypeError)
  // @ts-expect-error: a room is a text
  expect(() => settings.get(7)).toThrow(TypeError)
  expect(() => settings.get(`${ROOM}/romeo`)).toThrow(expect.objectContaining({ code: 'jid-malformed' }))
})
