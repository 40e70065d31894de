import { afterEach, expect, test } from 'vitest'
import { conference } from '../support/fakes/fake-pep.ts'
import { ROOM } from '../support/fakes/room-xml.ts'
import { type TabStage, type TabStageOptions, tabStage } from '../support/fakes/tab-pair.ts'

let stage: TabStage
const begin = (options: TabStageOptions = {}): void => {
  stage = tabStage(options)
}
afterEach(() => stage.end())

const toRoom = () =>
  stage.upstream.sent.filter(({ name, attrs }) => name === 'presence' && attrs['to']?.startsWith(ROOM))

test('who asks before the server has said waits for its word', async () => {
  begin()
  stage.pep.set(ROOM, conference("autojoin='0'"))
  stage.pep.held = true
  const { account } = await stage.tab()
  const listed = account.bookmarks.list()
  await stage.settle()

  stage.pep.release()

  expect(await stage.until(listed)).toMatchObject([{ room: ROOM }])
})

test('what is set before the server has said keeps what other clients have put there', async () => {
  begin()
  stage.pep.set(ROOM, conference("autojoin='0'", "<extensions><notify xmlns='urn:x'/></extensions>"))
  stage.pep.held = true
  const { account } = await stage.tab()
  const set = account.bookmarks.set({ room: ROOM, name: 'The garden' })
  await stage.settle()

  stage.pep.held = false
  stage.pep.release()
  await stage.until(set)

  expect(stage.pep.items.get(ROOM)).toMatch(/name="The garden".*<notify xmlns="urn:x"\/>/)
})

test('a worker that goes on with the session of another one stays in the room that a bookmark wants', async () => {
  begin({ management: 'resumes' })
  stage.pep.set(ROOM, conference())
  const before = await stage.tab()
  expect(stage.room.nicks).toEqual(['juliet'])

  stage.worker.die()
  before.die()
  const { account } = await stage.tab()
  await stage.pass(60_000)

  expect(stage.room.nicks).toEqual(['juliet'])
  expect(await stage.until(account.bookmarks.list())).toMatchObject([{ room: ROOM }])
})

test('and stays out of the one that threw the account out', async () => {
  begin({ management: 'resumes' })
  stage.pep.set(ROOM, conference())
  const before = await stage.tab()
  stage.room.exit('juliet', { codes: [110, 307], role: 'none' })
  await stage.settle()
  const joins = toRoom()

  stage.worker.die()
  before.die()
  await stage.tab()
  await stage.pass(60_000)

  expect(toRoom()).toEqual(joins)
  expect(joins).toHaveLength(1)
})
