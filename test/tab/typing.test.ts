import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ROOM } from '../support/fakes/room-xml.ts'
import { type TabStage, tabStage } from '../support/fakes/tab-pair.ts'

const NS = 'http://jabber.org/protocol/chatstates'

let stage: TabStage
beforeEach(() => {
  stage = tabStage()
})
afterEach(() => stage.end())

const romeoDoes = async (state: string): Promise<void> => {
  stage.upstream.stream.deliver(`<message from='${ROOM}/romeo' type='groupchat'><${state} xmlns='${NS}'/></message>`)
  await stage.settle()
}

describe('who types', () => {
  test('is told to each tab, and is part of its snapshot', async () => {
    const [first, second] = [await stage.tabInRoom(), await stage.tabInRoom()]
    stage.room.enter('romeo')
    await stage.settle()
    const snapshots: (readonly string[])[] = []
    second.room.subscribe(() => snapshots.push(second.room.snapshot().typing))

    await romeoDoes('composing')
    await romeoDoes('paused')

    for (const tab of [first, second]) expect(tab.all('typing')).toEqual([{ nicks: ['romeo'] }, { nicks: [] }])
    expect(snapshots).toEqual([['romeo'], []])
  })

  test('is told to a tab that comes in then, behind the subject', async () => {
    await stage.tabInRoom()
    stage.room.enter('romeo')
    await stage.settle()
    await romeoDoes('composing')

    const { room, heard } = await stage.tabInRoom()

    expect(room.typing).toEqual(['romeo'])
    expect(heard.at(-1)).toEqual({ name: 'typing', event: { nicks: ['romeo'] } })
  })

  test('is nobody once the worker is dead, or the tab has left', async () => {
    const [first, second] = [await stage.tabInRoom(), await stage.tabInRoom()]
    stage.room.enter('romeo')
    await stage.settle()
    await romeoDoes('composing')

    await stage.until(second.room.leave())
    expect([first.room.typing, second.room.typing]).toEqual([['romeo'], []])
    stage.worker.die()
    await stage.settle()

    expect(first.room.typing).toEqual([])
    const told = first.heard.map(({ name }) => name)
    expect(told.slice(-3)).toEqual(['typing', 'interrupted', 'resumed'])
    expect(first.all('typing').at(-1)).toEqual({ nicks: [] })
  })
})

describe('setTyping', () => {
  test('tells the room once, whichever tabs call it', async () => {
    const [first, second] = [await stage.tabInRoom(), await stage.tabInRoom()]

    await stage.until(Promise.all([first.room.setTyping(true), second.room.setTyping(true)]))

    const sent = stage.upstream.sent.flatMap(({ children }) =>
      children.flatMap((each) => (typeof each !== 'string' && each.ns === NS ? [each.name] : [])),
    )
    expect(sent).toEqual(['composing'])
  })

  test('takes a boolean, in a tab that has joined', async () => {
    const { room } = await stage.tab()

    expect(await stage.failure(room.setTyping(true))).toMatchObject({ code: 'not-joined' })
    // @ts-expect-error: no boolean
    expect(() => room.setTyping('yes')).toThrow(TypeError)
  })
})
