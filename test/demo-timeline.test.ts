import type { History, HistoryOptions, Message } from 'minimix-web'
import { expect, test } from 'vitest'
import type { Talk } from '../demo/state/talk.ts'
import { Timeline } from '../demo/state/timeline.ts'

const messageOf = (at: number, more: Partial<Message> = {}): Message => ({
  id: `id-${at}`,
  room: 'room@muc.test',
  nick: 'Bob',
  body: `line ${at}`,
  stampMs: at,
  history: false,
  own: false,
  fromThisTab: false,
  state: 'delivered',
  reactions: [],
  mentionsMe: false,
  stanza: { name: 'message', ns: 'jabber:client', attrs: {}, children: [] },
  ...more,
})

/** A room with an archive of so many messages, that says the rest live. */
class FakeTalk {
  readonly listeners = { message: [] as ((message: Message) => void)[], updated: [] as ((event: object) => void)[] }
  readonly asked: HistoryOptions[] = []
  readonly archive: Message[]
  readonly timeline: Timeline

  constructor(archived: number) {
    this.archive = Array.from({ length: archived }, (_, at) => messageOf(at))
    // Of a room, a timeline needs these two.
    const talk = {
      on: (name: string, listener: never) => {
        this.listeners[name === 'message' ? 'message' : 'updated'].push(listener)
        return () => undefined
      },
      history: (options: HistoryOptions) => this.#history(options),
    } as unknown as Talk
    this.timeline = new Timeline(talk, new AbortController().signal)
  }

  say(message: Message): void {
    if (!this.archive.some(({ id }) => id === message.id)) this.archive.push(message)
    for (const listener of this.listeners.message) listener(message)
  }

  update(message: Message): void {
    for (const listener of this.listeners.updated) listener({ message })
  }

  get shown(): readonly string[] {
    return this.timeline.entries.value.map(({ key }) => key)
  }

  async #history(options: HistoryOptions): Promise<History> {
    this.asked.push(options)
    const { before, after, around, limit = 50 } = options
    const at = this.archive.findIndex(({ id }) => id === (before ?? after ?? around))
    const from =
      before !== undefined ? Math.max(0, at - limit) : after !== undefined ? at + 1 : Math.max(0, at - limit / 2)
    const to = before !== undefined ? at : from + limit
    const messages = this.archive.slice(from, to)
    return { messages, atStart: from === 0, atEnd: to >= this.archive.length }
  }
}

/** The last so many of the archive have been told. */
function talkWith(archived: number, told: number): FakeTalk {
  const talk = new FakeTalk(archived)
  for (let at = archived - told; at < archived; at++) talk.say(messageOf(at))
  return talk
}

const ids = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, at) => `id-${from + at}`)

test('older pages come before what is there, until the beginning', async () => {
  const talk = talkWith(70, 10)

  await talk.timeline.older()
  expect(talk.shown).toEqual(ids(10, 70))
  expect(talk.timeline.atStart.value).toBe(false)
  await talk.timeline.older()
  expect(talk.shown).toEqual(ids(0, 70))
  expect(talk.timeline.atStart.value).toBe(true)
  await talk.timeline.older()
  expect(talk.asked).toHaveLength(2)
})

test('a message of long ago is shown among its neighbours, and from there the live end is reached again', async () => {
  const talk = talkWith(200, 10)

  await talk.timeline.show('id-100')
  expect(talk.shown).toEqual(ids(75, 125))
  expect(talk.timeline.isLive.value).toBe(false)
  talk.say(messageOf(200))
  expect(talk.shown).toEqual(ids(75, 125))
  await talk.timeline.newer()
  await talk.timeline.newer()

  expect(talk.timeline.isLive.value).toBe(true)
  expect(talk.shown).toEqual(ids(75, 201))
})

test('whoever goes back to the live end is shown what was said meanwhile', async () => {
  const talk = talkWith(200, 10)
  await talk.timeline.show('id-20')
  talk.say(messageOf(200))

  talk.timeline.toLive()

  expect(talk.shown).toEqual(ids(190, 201))
})

test('a message is known again under the id that the room gave it, and stays in its place', () => {
  const talk = talkWith(2, 2)
  talk.say(messageOf(3, { id: 'mine', originId: 'mine', own: true }))
  talk.say(messageOf(4))

  talk.update(messageOf(3, { id: 'given', originId: 'mine', own: true, body: 'mended' }))

  const [, , mine] = talk.timeline.entries.value
  expect(mine).toMatchObject({ kind: 'message', message: { id: 'given', body: 'mended' } })
})

test('an update of somebody else that claims an origin id of ours changes nothing', () => {
  const talk = talkWith(0, 0)
  talk.say(messageOf(1, { id: 'mine', originId: 'mine', own: true }))

  talk.update(messageOf(2, { id: 'other', originId: 'mine', body: 'forged' }))

  expect(talk.timeline.find('mine')?.body).toBe('line 1')
  expect(talk.timeline.find('other')).toBeUndefined()
})

test('only the newest are kept, and then there is more before them', () => {
  const talk = talkWith(0, 0)
  for (let at = 0; at < 620; at++) talk.say(messageOf(at))

  expect(talk.shown).toEqual(ids(120, 620))
  expect(talk.timeline.atStart.value).toBe(false)
})

test('where a page comes too late, because somebody has gone elsewhere, it is let go of', async () => {
  const talk = talkWith(100, 10)
  const loading = talk.timeline.older()

  talk.timeline.clear()
  talk.say(messageOf(99))
  await loading

  expect(talk.shown).toEqual(['id-99'])
})

test('a page with nothing new in it ends the asking', async () => {
  const talk = talkWith(10, 10)
  talk.archive.splice(0, 10, ...talk.archive.slice(0, 1))

  await talk.timeline.older()
  await talk.timeline.older()

  expect(talk.asked).toHaveLength(1)
  expect(talk.timeline.atStart.value).toBe(true)
})
