// Checks 1, 2, 4, 5, 18, 19, 22 and 47 of the semantics, counted on the wire and at an outside observer.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Told } from '../support/browser/harness.ts'
import { type CallFailed, Tab } from '../support/browser/tab.ts'
import { bodiesSeen, presencesOf, type Scene, type Stage, setStage } from '../support/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage('prosody')
})
afterAll(() => stage?.[Symbol.asyncDispose]())

const NICK = { nick: 'Juliet' }
/** The order of XEP-0045 section 7.1, as names of events. */
const SEQUENCE = /^(occupant-joined )*joined (message )*subject( |$)/

const names = (told: readonly Told[]): string => told.map(({ name }) => name).join(' ')
const bodies = (told: readonly Told[]): string[] =>
  told.filter(({ name }) => name === 'message').map(({ event }) => event.body)

async function tabs(scene: Scene, count: number): Promise<Tab[]> {
  const first = await scene.tab()
  const others = await Promise.all(Array.from({ length: count - 1 }, () => scene.tab()))
  return [first, ...others]
}

/** Whatever was under way has arrived, here and there. */
async function settled({ bob }: Scene, ...tabs: readonly Tab[]): Promise<void> {
  await bob.barrier()
  for (const tab of tabs) await tab.inspect()
}

test('the first tab that joins causes one join, which the room sees once', async () => {
  await using scene = await stage.scene()
  const { room, wire, bob } = scene
  const tab = await scene.tab()
  const seen = bob.mark()

  const result = await tab.join(room, NICK)
  await settled(scene, tab)

  expect(result).toMatchObject({ nick: 'Juliet', created: false, nickAssigned: false })
  expect(wire.figures()).toMatchObject({ connections: 1, joins: 1 })
  expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['available'])
})

test('a second tab is shown the room in the order of the XEP, and not a byte goes to the server', async () => {
  await using scene = await stage.scene()
  const { room, wire, bob } = scene
  await bob.say(room, 'before')
  const [first, second] = (await tabs(scene, 2)) as [Tab, Tab]
  await first.join(room, NICK)
  await first.send(room, 'from the first')
  await settled(scene, first, second)
  const up = wire.frames.mark()
  const seen = bob.mark()

  const result = await second.join(room, NICK)
  await settled(scene, first, second)

  const told = await second.told(room)
  expect(names(told)).toMatch(SEQUENCE)
  expect(bodies(told)).toEqual(['before', 'from the first'])
  expect(told.filter(({ name }) => name === 'joined')).toHaveLength(1)
  expect(result).toEqual({ nick: 'Juliet', codes: [110], created: false, nickAssigned: false })
  expect(await second.occupants(room)).toEqual(await first.occupants(room))
  expect(wire.frames.since(up).filter(({ dir, text }) => dir === 'up' && !text.startsWith('<a '))).toEqual([])
  expect(bob.received(seen).filter((stanza) => stanza.is('presence'))).toEqual([])
})

test('only the tab whose join made the room is told that it is new', async () => {
  await using scene = await stage.scene()
  const room = `new-${scene.room}`
  const [first, second] = (await tabs(scene, 2)) as [Tab, Tab]

  const made = await first.join(room, NICK)
  const found = await second.join(room, NICK)

  expect(made).toMatchObject({ created: true })
  expect(made.codes).toContain(201)
  expect(found.created).toBe(false)
  expect(found.codes).not.toContain(201)
})

test('ten tabs that join in the same moment cause one join, and each gets the whole sequence', async () => {
  await using scene = await stage.scene()
  const { room, wire, bob } = scene
  await bob.say(room, 'hello all')
  const ten = await tabs(scene, 10)
  const seen = bob.mark()

  await Promise.all(ten.map((tab) => tab.join(room, NICK)))
  await settled(scene, ...ten)

  expect(wire.figures()).toMatchObject({ connections: 1, joins: 1 })
  expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['available'])
  for (const tab of ten) {
    const told = await tab.told(room)
    expect(names(told)).toMatch(/^occupant-joined joined message subject$/)
    expect(bodies(told)).toEqual(['hello all'])
  }
})

test('a tab that leaves is told so, and neither the room nor the other tab sees anything', async () => {
  await using scene = await stage.scene()
  const { room, wire, bob } = scene
  const [first, second] = (await tabs(scene, 2)) as [Tab, Tab]
  await first.join(room, NICK)
  await second.join(room, NICK)
  await settled(scene, first, second)
  const up = wire.frames.mark()
  const seen = bob.mark()
  const before = (await second.told(room)).length

  await first.leave(room)
  await settled(scene, first, second)

  expect((await first.told(room)).at(-1)).toMatchObject({ name: 'left', event: { everywhere: false } })
  expect(await first.occupants(room)).toEqual({})
  expect(await second.told(room)).toHaveLength(before)
  expect(wire.frames.since(up).filter(({ dir, text }) => dir === 'up' && !text.startsWith('<a '))).toEqual([])
  expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
  await bob.say(room, 'after the first left')
  await second.untilMessage('after the first left')
  expect(bodies(await first.told(room))).toEqual([])
})

test('the last tab that leaves causes one leave, with its words', async () => {
  await using scene = await stage.scene()
  const { room, wire, bob } = scene
  const [first, second] = (await tabs(scene, 2)) as [Tab, Tab]
  await first.join(room, NICK)
  await second.join(room, NICK)
  await first.leave(room)
  const seen = bob.mark()

  await second.leave(room, { status: 'good night' })
  await settled(scene, first, second)

  expect((await second.told(room)).at(-1)).toMatchObject({ name: 'left' })
  expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual(['unavailable'])
  const gone = bob.received(seen).find((stanza) => stanza.attrs['type'] === 'unavailable')
  expect(gone?.getChildText('status')).toBe('good night')
  expect(wire.frames.since(0).filter(({ dir, text }) => dir === 'up' && text.includes('unavailable'))).toHaveLength(1)
})

test('a tab that crashes lets go of its room within five seconds, and nobody else notices', async () => {
  await using scene = await stage.scene()
  const { room, wire, bob } = scene
  // The worker lives in the process of the tab that made it: the one that crashes must be another.
  const [first, second] = (await tabs(scene, 2)) as [Tab, Tab]
  await first.join(room, NICK)
  await second.join(room, NICK)
  await settled(scene, first, second)
  const up = wire.frames.mark()
  const seen = bob.mark()
  const before = await first.told(room)

  await second.crash()
  await expect
    .poll(async () => (await first.inspect()).rooms, { timeout: 5_000 })
    .toMatchObject([{ jid: room, tabs: 1 }])

  expect((await first.inspect()).tabs).toHaveLength(1)
  expect(await first.told(room)).toEqual(before)
  expect(wire.frames.since(up).filter(({ dir, text }) => dir === 'up' && !text.startsWith('<a '))).toEqual([])
  expect(presencesOf(bob, `${room}/Juliet`, seen)).toEqual([])
})

test('a tab that is closed lets go of its room', async () => {
  await using scene = await stage.scene()
  const { room } = scene
  const [first, second] = (await tabs(scene, 2)) as [Tab, Tab]
  await first.join(room, NICK)
  await second.join(room, NICK)

  await second.close()

  await expect
    .poll(async () => (await first.inspect()).rooms, { timeout: 5_000 })
    .toMatchObject([{ jid: room, tabs: 1 }])
})

test('a message of one tab reaches all of them once, with the archive id of the room', async () => {
  await using scene = await stage.scene()
  const { room, bob } = scene
  const three = await tabs(scene, 3)
  const [first] = three as [Tab]
  for (const tab of three) await tab.join(room, NICK)
  const seen = bob.mark()

  const sent = await first.send(room, 'hi')
  await Promise.all(three.map((tab) => tab.untilMessage('hi')))
  await settled(scene, ...three)

  const atBob = bob.received(seen).find((stanza) => stanza.getChildText('body') === 'hi')
  const archiveId = atBob?.getChild('stanza-id', 'urn:xmpp:sid:0')?.attrs['id']
  expect(archiveId).toBeTruthy()
  expect(sent).toMatchObject({
    id: archiveId,
    body: 'hi',
    own: true,
    fromThisTab: true,
    state: 'delivered',
    history: false,
  })
  expect(bodiesSeen(bob, room, seen)).toEqual(['hi'])
  for (const tab of three) {
    const messages = (await tab.told(room)).filter(({ name }) => name === 'message')
    expect(messages).toHaveLength(1)
    expect(messages[0]?.event).toMatchObject({ id: archiveId, own: true, fromThisTab: tab === first })
  }
  expect(await stored(first, room)).toEqual([{ id: archiveId, body: 'hi' }])
})

test('a tab that joins later has its history from the archive of the browser', async () => {
  await using scene = await stage.scene()
  const { room, wire, bob } = scene
  const [first, second] = (await tabs(scene, 2)) as [Tab, Tab]
  await first.join(room, NICK)
  for (let n = 1; n <= 30; n++) await bob.say(room, `message ${n}`)
  await first.untilMessage('message 30')
  const down = wire.frames.mark()

  await second.join(room, NICK)
  await settled(scene, second)

  const history = (await second.told(room)).filter(({ name }) => name === 'message')
  expect(history.map(({ event }) => event.body)).toEqual(Array.from({ length: 20 }, (_, n) => `message ${n + 11}`))
  expect(history.every(({ event }) => event.history && event.id)).toBe(true)
  expect(wire.frames.since(down).filter(({ text }) => text.includes('<body'))).toEqual([])
})

test('a refused join rejects with its code, and the room can be entered afterwards', async () => {
  await using scene = await stage.scene()
  const tab = await scene.tab()

  const refused = await tab.join(scene.room, { nick: 'Bob' }).catch((error: CallFailed) => error)
  const result = await tab.join(scene.room, NICK)

  expect(refused).toMatchObject({
    code: 'room-nick-conflict',
    facts: { nick: 'Bob', condition: 'conflict', retry: false },
  })
  expect(result.nick).toBe('Juliet')
})

test('a second tab attaches without a password, and one that comes alone without one is asked for it', async () => {
  await using scene = await stage.scene()
  const { wire, account } = scene
  await using alone = await stage.scene()
  const first = await scene.tab()
  const second = await Tab.open(scene.profile, stage.site.origin)
  const third = await Tab.open(alone.profile, stage.site.origin)

  await second.connect({ jid: account, service: wire.url })
  const refused = await third.connect({ jid: account, service: wire.url }).catch((error: CallFailed) => error)

  expect((await first.inspect()).tabs).toHaveLength(2)
  expect(wire.figures().connections).toBe(1)
  expect(refused).toMatchObject({ code: 'credentials-required' })
})

test('a wrong password rejects with not-authorized, an address where nobody is with service-unreachable', async () => {
  await using scene = await stage.scene()
  const tab = await Tab.open(scene.profile, stage.site.origin)
  const { account: jid, wire } = scene

  const wrong = await tab.connect({ jid, service: wire.url, password: 'wrong' }).catch((error: CallFailed) => error)
  const nowhere = await tab
    .connect({ jid, service: 'ws://localhost:9/', password: 'wrong' })
    .catch((error: CallFailed) => error)

  expect(wrong).toMatchObject({ code: 'not-authorized' })
  expect(nowhere).toMatchObject({ code: 'service-unreachable', facts: { retry: true } })
})

test('after a cut of the socket the tabs are in again and are told only what changed', async () => {
  await using scene = await stage.scene()
  const { room, wire, bob } = scene
  const tab = await scene.tab()
  const carol = await scene.client('carol')
  await tab.join(room, NICK)
  await carol.join(room, 'Carol')
  await tab.until('Carol', ({ name, event }) => name === 'occupant-joined' && event.occupant.nick === 'Carol')
  const before = (await tab.told(room)).length

  wire.refuse(true)
  wire.cut({ how: 'reset' })
  await tab.until('interrupted', ({ name }) => name === 'interrupted')
  await carol.leave(room, 'Carol')
  await bob.say(room, 'while you were away')
  wire.refuse(false)
  await tab.until('resumed', ({ name }) => name === 'resumed', 20_000)

  const since = (await tab.told(room)).slice(before)
  expect(names(since)).toBe('interrupted occupant-left message resumed')
  expect(since[1]?.event).toMatchObject({ occupant: { nick: 'Carol' }, synthetic: true })
  expect(since[2]?.event).toMatchObject({ body: 'while you were away', history: false })
})

/** What is in the archive of the browser. */
function stored(tab: Tab, room: string): Promise<{ id: string; body: string }[]> {
  return tab.page.evaluate(
    async ({ room }) => {
      const [found] = await indexedDB.databases()
      const open = indexedDB.open(found?.name ?? '')
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        open.onsuccess = () => resolve(open.result)
        open.onerror = () => reject(open.error)
      })
      const all = db
        .transaction('messages')
        .objectStore('messages')
        .getAll(IDBKeyRange.bound([room], [room, []]))
      const rows = await new Promise<{ id: string; body: string }[]>((resolve) => {
        all.onsuccess = () => resolve(all.result)
      })
      db.close()
      return rows.map(({ id, body }) => ({ id, body }))
    },
    { room },
  )
}
