import { afterEach, describe, expect, test } from 'vitest'
import { FILES, type Upload } from '../../src/contract/files.ts'
import { files } from '../../src/features/files.ts'
import { readSharedFile } from '../../src/protocol/xep-0447-file-sharing.ts'
import { child, type XmlNode } from '../../src/protocol/xml.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import type { AccountEvents } from '../../src/tab/events.ts'
import { brokerStage } from '../support/fakes/broker-stage.ts'
import { type FakeChats, fakeChats } from '../support/fakes/fake-chats.ts'
import { type FakeUploader, fakeUploader, outcomeOf } from '../support/fakes/fake-uploader.ts'
import type { FakeStream } from '../support/fakes/fake-upstream.ts'
import { ACCOUNT, ROOM } from '../support/fakes/room-xml.ts'
import { type Tab, type TabStage, type TabStageOptions, tabStage } from '../support/fakes/tab-pair.ts'
import { turns } from '../support/fakes/turn.ts'

const NS = 'urn:xmpp:http:upload:0'
const ITEMS = 'http://jabber.org/protocol/disco#items'
const INFO = 'http://jabber.org/protocol/disco#info'
const SERVER = 'capulet.example'
const UPLOAD = 'upload.capulet.example'
const GET = 'https://get.example'
const ROMEO = 'romeo@montague.example'
const NOTES = new File(['some words'], 'notes.txt', { type: 'text/plain' })

interface World {
  readonly stage: TabStage
  readonly uploader: FakeUploader
  readonly store: ReturnType<typeof memoryStore>
  /** What goes to one person. */
  readonly chats: FakeChats
  /** What was asked of the server for files, by the namespace of what it holds. */
  readonly asked: string[]
}

interface Service {
  /** What lists the part that takes files; none does where it is empty. */
  readonly items?: readonly string[]
  readonly maxBytes?: number
  /** What a request for a slot is answered with; an error where it is no slot. */
  slot?: (number: number) => string
}

let stage: TabStage
afterEach(() => stage.end())

/** Tabs, and a worker with the part for files, whose server takes them. */
function begin(service: Service = {}, options: TabStageOptions = {}, uploader = fakeUploader()): World {
  const { items = ['rooms.example', UPLOAD], maxBytes = 1_000 } = service
  const store = memoryStore()
  const asked: string[] = []
  let slots = 0
  let chats: FakeChats | undefined
  const serve = (node: XmlNode, stream: FakeStream): void => {
    chats?.onSent(node, stream)
    const { id = '', to = '' } = node.attrs
    const answer = (inside: string, type = 'result'): void =>
      stream.deliver(`<iq type='${type}' id='${id}' from='${to}'>${inside}</iq>`)
    if (child(node, ITEMS, 'query')) {
      asked.push('items')
      answer(`<query xmlns='${ITEMS}'>${items.map((jid) => `<item jid='${jid}'/>`).join('')}</query>`)
    } else if (child(node, INFO, 'query') && (to === UPLOAD || to === SERVER || to === 'rooms.example')) {
      asked.push(`info ${to}`)
      const limit = `<x xmlns='jabber:x:data' type='result'><field var='max-file-size'><value>${maxBytes}</value></field></x>`
      answer(`<query xmlns='${INFO}'>${to === UPLOAD ? `<feature var='${NS}'/>${limit}` : ''}</query>`)
    } else if (child(node, NS, 'request')) {
      asked.push('slot')
      slots += 1
      const slot =
        service.slot?.(slots) ??
        `<slot xmlns='${NS}'><put url='https://put.example/${slots}'/><get url='${GET}/${slots}'/></slot>`
      answer(slot, slot.includes('<error') ? 'error' : 'result')
    }
  }
  stage = tabStage({ plugins: [files(uploader)], serve, store: () => store, ...options })
  chats = fakeChats(ACCOUNT, stage.clock)
  return { stage, uploader, store, chats, asked }
}

/** What is told of uploads to a tab. */
function heard({ account }: Tab): AccountEvents['upload'][] {
  const events: AccountEvents['upload'][] = []
  account.on('upload', (event) => events.push(event))
  return events
}

/** The files that the room was told of. */
const said = (): (string | undefined)[] =>
  stage.upstream.sent.flatMap((node) => {
    const file = node.name === 'message' ? readSharedFile(node) : undefined
    return file ? [file.name] : []
  })

/** Until so many uploads have come to the fake. */
async function untilUploads({ stage, uploader }: World, count: number): Promise<void> {
  for (let i = 0; i < 50 && uploader.uploads.length < count; i++) {
    await turns(5)
    await stage.settle()
  }
  expect(uploader.uploads).toHaveLength(count)
}

describe('a file', () => {
  test('is put where the server says, and then said, with what it is', async () => {
    const world = begin()
    const { room } = await stage.tabInRoom()

    const sending = room.sendFile(NOTES, { width: 2, height: 3 })
    await untilUploads(world, 1)
    const [upload] = world.uploader.uploads
    expect(upload?.target).toEqual({ url: 'https://put.example/1', headers: {}, mediaType: 'text/plain' })
    expect(said()).toEqual([])
    upload?.end(outcomeOf(201))
    const message = await stage.until(sending)

    expect(message).toMatchObject({ body: `${GET}/1`, own: true, fromThisTab: true, state: 'delivered' })
    const [stanza] = stage.upstream.sent.filter((node) => node.name === 'message')
    expect(stanza && readSharedFile(stanza)).toEqual({
      ...{ url: `${GET}/1`, name: 'notes.txt', mediaType: 'text/plain', size: 10, width: 2, height: 3 },
      sha256: await world.uploader.sha256(NOTES),
    })
    expect(child(stanza as XmlNode, 'jabber:x:oob', 'x')).toBeDefined()
    expect(await world.store.allKept(FILES)).toEqual(new Map())
  })

  test('is on its way in every tab, with how far it is, and in those that come then', async () => {
    const world = begin()
    const [first, second] = [await stage.tabInRoom(), await stage.tabInRoom()]
    const events = heard(second)
    const progress: number[] = []

    const sending = first.room.sendFile(NOTES, { onProgress: ({ sent }) => progress.push(sent) })
    await untilUploads(world, 1)
    const [upload] = world.uploader.uploads
    for (const bytes of [2, 4, 10]) {
      upload?.sent(bytes)
      await stage.settle()
      await stage.pass(200)
    }
    const third = await stage.tab()
    const seen: Upload = { ...(events[0] as AccountEvents['upload']).upload, sent: 10 }
    expect([...second.account.uploads.values()]).toEqual([seen])
    expect([...third.account.uploads.values()]).toEqual([seen])
    upload?.end(outcomeOf(200))
    await stage.until(sending)
    await stage.settle()

    expect(progress).toEqual([0, 2, 4, 10])
    expect(events.map(({ state, upload }) => [state, upload.sent])).toEqual([
      ['uploading', 0],
      ['uploading', 2],
      ['uploading', 4],
      ['uploading', 10],
      ['sent', 10],
    ])
    expect(seen).toMatchObject({ room: ROOM, name: 'notes.txt', mediaType: 'text/plain', size: 10 })
    for (const { account } of [first, second, third]) expect(account.uploads.size).toBe(0)
  })

  test('is told of only now and then, and always at its end', async () => {
    const world = begin()
    const tab = await stage.tabInRoom()
    const events = heard(tab)

    void tab.room.sendFile(NOTES)
    await untilUploads(world, 1)
    for (const bytes of [1, 2, 3, 10]) world.uploader.uploads[0]?.sent(bytes)
    await stage.settle()

    expect(events.map(({ upload }) => upload.sent)).toEqual([0, 1, 10])
  })

  test('is said behind the words that go with it', async () => {
    begin(
      {},
      {},
      fakeUploader(() => outcomeOf(201)),
    )
    const { room } = await stage.tabInRoom()

    expect((await stage.until(room.sendFile(NOTES, { body: 'look' }))).body).toBe(`look\n${GET}/1`)
  })

  test('that comes without a type or a name has some', async () => {
    const world = begin()
    const { room } = await stage.tabInRoom()

    void room.sendFile(new Blob(['x']))
    await untilUploads(world, 1)

    expect(world.uploader.uploads[0]?.target.mediaType).toBe('application/octet-stream')
    const [request] = stage.upstream.sent.flatMap((node) => child(node, NS, 'request') ?? [])
    expect(request?.attrs).toEqual({ filename: 'file', size: '1', 'content-type': 'application/octet-stream' })
  })

  test('is said in its turn, whichever is there first', async () => {
    const world = begin()
    const { room } = await stage.tabInRoom()
    const sending = ['a', 'b', 'c'].map((name) => room.sendFile(NOTES, { name }))
    await untilUploads(world, 3)

    for (const at of [2, 1, 0]) {
      expect(said()).toEqual([])
      world.uploader.uploads[at]?.end(outcomeOf(201))
      await stage.settle()
    }
    await stage.until(Promise.all(sending))

    expect(said()).toEqual(['a', 'b', 'c'])
  })

  test('is said though the one before it failed', async () => {
    const world = begin()
    const { room } = await stage.tabInRoom()
    const [first, second] = ['a', 'b'].map((name) => room.sendFile(NOTES, { name }))
    await untilUploads(world, 2)

    world.uploader.uploads[1]?.end(outcomeOf(201))
    world.uploader.uploads[0]?.end(outcomeOf(404))
    expect(await stage.failure(first as Promise<unknown>)).toMatchObject({ code: 'stanza-error' })
    await stage.until(second as Promise<unknown>)

    expect(said()).toEqual(['b'])
  })
})

describe('the part of the server that takes files', () => {
  test('is looked for once, and again where it gives no slot', async () => {
    let refuses = false
    const slot = () =>
      refuses
        ? "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        : `<slot xmlns='${NS}'><put url='https://put.example/'/><get url='${GET}/'/></slot>`
    const { asked } = begin(
      { slot },
      {},
      fakeUploader(() => outcomeOf(201)),
    )
    const { room } = await stage.tabInRoom()

    await stage.until(room.sendFile(NOTES))
    await stage.until(room.sendFile(NOTES))
    expect(asked.filter((what) => what === 'items')).toHaveLength(1)
    refuses = true
    expect(await stage.failure(room.sendFile(NOTES))).toMatchObject({
      code: 'stanza-error',
      condition: 'item-not-found',
    })
    refuses = false
    await stage.until(room.sendFile(NOTES))

    expect(asked.filter((what) => what === 'items')).toHaveLength(2)
  })

  test('says how big a file may be: of a bigger one it is asked nothing', async () => {
    const { asked, uploader, store } = begin({ maxBytes: 9 })
    const { room } = await stage.tabInRoom()

    const error = await stage.failure(room.sendFile(NOTES))

    expect(error).toMatchObject({ code: 'not-acceptable', text: 'the server takes files of at most 9 bytes' })
    expect(asked).not.toContain('slot')
    expect(uploader.uploads).toEqual([])
    expect(await store.allKept(FILES)).toEqual(new Map())
  })

  test('is none: that is told', async () => {
    begin({ items: ['rooms.example'] })
    const { room } = await stage.tabInRoom()

    expect(await stage.failure(room.sendFile(NOTES))).toMatchObject({ condition: 'feature-not-implemented' })
  })

  test('gets nothing where it leads to what anybody can read', async () => {
    const { uploader } = begin({
      slot: () => `<slot xmlns='${NS}'><put url='http://put.example/'/><get url='${GET}/'/></slot>`,
    })
    const { room } = await stage.tabInRoom()

    expect(await stage.failure(room.sendFile(NOTES))).toMatchObject({ code: 'stanza-error' })
    expect(uploader.uploads).toEqual([])
  })
})

describe('an upload that fails', () => {
  test.each([
    [401, 'forbidden'],
    [403, 'forbidden'],
    [413, 'not-acceptable'],
    [409, 'stanza-error'],
  ])('by %d is over, and told as %s', async (status, code) => {
    const { uploader, store } = begin(
      {},
      {},
      fakeUploader(() => outcomeOf(status)),
    )
    const tab = await stage.tabInRoom()
    const events = heard(tab)

    expect(await stage.failure(tab.room.sendFile(NOTES))).toMatchObject({ code })
    await stage.settle()

    expect(uploader.uploads).toHaveLength(1)
    expect(said()).toEqual([])
    expect(events.at(-1)).toMatchObject({ state: 'failed', error: { code } })
    expect(await store.allKept(FILES)).toEqual(new Map())
  })

  test('because nobody is there is tried again, later and later, each time for another slot', async () => {
    const world = begin()
    const { room } = await stage.tabInRoom()
    const sending = room.sendFile(NOTES)
    sending.catch(() => undefined)

    for (const [at, ms] of [2_000, 4_000, 8_000].entries()) {
      await untilUploads(world, at + 1)
      world.uploader.uploads[at]?.end({ done: false, retry: true, text: 'no connection' })
      await stage.settle()
      await stage.pass(ms - 500)
      await untilUploads(world, at + 1)
      await stage.pass(500)
    }
    await untilUploads(world, 4)
    world.uploader.uploads[3]?.end({ done: false, retry: true, text: 'no connection' })

    expect(await stage.failure(sending)).toMatchObject({
      code: 'service-unreachable',
      retry: true,
      text: 'no connection',
    })
    expect(world.uploader.uploads.map(({ target }) => target.url.at(-1))).toEqual(['1', '2', '3', '4'])
  })

  test('waits for a connection', async () => {
    const world = begin({}, { management: 'resumes' })
    const { room } = await stage.tabInRoom()
    stage.upstream.stream.end('closed')
    await stage.settle()

    const sending = room.sendFile(NOTES)
    await stage.settle()
    expect(world.uploader.uploads).toEqual([])
    await stage.pass(5_000)
    await untilUploads(world, 1)
    world.uploader.uploads[0]?.end(outcomeOf(201))

    expect((await stage.until(sending)).state).toBe('delivered')
  })
})

describe('a file that is given up', () => {
  test('by its tab is broken off, and the call ends at once', async () => {
    const world = begin()
    const { room, account } = await stage.tabInRoom()
    const ending = new AbortController()
    const sending = room.sendFile(NOTES, { signal: ending.signal })
    sending.catch(() => undefined)
    await untilUploads(world, 1)

    ending.abort()
    expect(await stage.failure(sending)).toMatchObject({ code: 'aborted' })
    await stage.settle()

    expect(world.uploader.uploads[0]?.aborted).toBe(true)
    expect(account.uploads.size).toBe(0)
    expect(await world.store.allKept(FILES)).toEqual(new Map())
    expect(said()).toEqual([])
  })

  test('before it began is never asked for', async () => {
    const { asked } = begin()
    const { room } = await stage.tabInRoom()

    expect(await stage.failure(room.sendFile(NOTES, { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'aborted',
    })
    await stage.settle()

    expect(asked).toEqual([])
  })

  test('by another tab ends the call of its own', async () => {
    const world = begin()
    const [first, second] = [await stage.tabInRoom(), await stage.tab()]
    const sending = first.room.sendFile(NOTES)
    sending.catch(() => undefined)
    await untilUploads(world, 1)
    const [id = ''] = second.account.uploads.keys()

    expect(await stage.until(second.account.cancelUpload(id))).toBe(true)
    expect(await stage.failure(sending)).toMatchObject({ code: 'aborted' })
    expect(await stage.until(second.account.cancelUpload(id))).toBe(false)
  })

  test('while there is no worker is not begun anew by the next one', async () => {
    const world = begin()
    const { room, account } = await stage.tabInRoom()
    const ending = new AbortController()
    const sending = room.sendFile(NOTES, { signal: ending.signal })
    sending.catch(() => undefined)
    await untilUploads(world, 1)

    stage.worker.die()
    ending.abort()
    await stage.settle()
    await stage.pass(1_000)

    expect(account.uploads.size).toBe(0)
    expect(said()).toEqual([])
    expect(await world.store.allKept(FILES)).toEqual(new Map())
  })
})

describe('a file outlives', () => {
  test('the tab that sent it, where another one is in the room', async () => {
    const world = begin()
    const [first, second] = [await stage.tabInRoom(), await stage.tabInRoom()]
    first.room.sendFile(NOTES).catch(() => undefined)
    await untilUploads(world, 1)

    first.die()
    await stage.settle()
    expect(world.uploader.uploads[0]?.aborted).toBe(false)
    world.uploader.uploads[0]?.end(outcomeOf(201))
    await stage.settle()

    expect(said()).toEqual(['notes.txt'])
    expect(second.all('message')).toMatchObject([{ own: true, fromThisTab: false }])
  })

  test('its worker: the next one puts it anew, and the call ends with it', async () => {
    const world = begin({}, { management: 'resumes' })
    const { room } = await stage.tabInRoom()
    const sending = room.sendFile(NOTES)
    await untilUploads(world, 1)

    stage.worker.die()
    await stage.settle()
    await stage.pass(1_000)
    await untilUploads(world, 2)
    expect(await world.uploader.uploads[1]?.file.text()).toBe('some words')
    world.uploader.uploads[1]?.end(outcomeOf(201))

    expect((await stage.until(sending)).body).toBe(`${GET}/2`)
    expect(said()).toEqual(['notes.txt'])
  })

  test('its worker, which had put it already: then it is only said, once the account is in the room', async () => {
    const world = begin(
      {},
      {},
      fakeUploader(() => outcomeOf(201)),
    )
    const { store } = world
    const job = { id: 'f1', room: ROOM, tab: 'gone', name: 'old.txt', mediaType: 'text/plain', size: 3 }
    await store.write([
      { put: 'kept', part: FILES, key: 'f1', value: { ...job, url: `${GET}/old`, sinceMs: stage.clock.nowMs() } },
      { put: 'kept', part: FILES, key: 'f0', value: { ...job, id: 'f0', name: 'ancient.txt', sinceMs: 0 } },
    ])
    const { account, room } = await stage.tab()
    await stage.settle()
    expect([...account.uploads.values()]).toMatchObject([{ id: 'f1', sent: 3 }])
    expect(said()).toEqual([])

    await stage.until(room.join({ nick: 'juliet' }))
    await stage.settle()

    expect(said()).toEqual(['old.txt'])
    expect(world.uploader.uploads).toEqual([])
    expect(account.uploads.size).toBe(0)
    expect(await store.allKept(FILES)).toEqual(new Map())
  })

  test('its worker, which had said it: the call ends when the room has it', async () => {
    const world = begin()
    const { room } = await stage.tabInRoom()
    const sending = room.sendFile(NOTES)
    await untilUploads(world, 1)
    // The room has it, and this worker never hears that.
    stage.upstream.stream.stall('down')
    world.uploader.uploads[0]?.end(outcomeOf(201))
    await stage.settle()
    expect(stage.room.archive.map(({ body }) => body)).toEqual([`${GET}/1`])

    stage.worker.die()
    const message = await stage.until(sending)

    expect(message).toMatchObject({ id: stage.room.archive[0]?.archiveId, state: 'delivered' })
    expect(world.uploader.uploads).toHaveLength(1)
    expect(said()).toEqual(['notes.txt'])
  })

  test('its worker, as long as it is not too big to be kept', async () => {
    const uploader = fakeUploader()
    const kept = async (size: number): Promise<number> => {
      const { store, attach, settle } = brokerStage({ plugins: [files(uploader)] })
      const tab = attach('t1')
      await tab.signIn()
      // Nothing of it is read but what is kept.
      const file = { size, text: async () => '', arrayBuffer: async () => new ArrayBuffer(8) } as unknown as Blob
      const args = { id: 'f1', room: ROOM, file, name: 'film.mp4', mediaType: 'video/mp4' }
      const reply = await tab.call('plugin', { plugin: FILES, method: 'send', args })
      await settle()
      expect(reply.ok).toBe(true)
      return (await store.allKept(FILES)).size
    }

    expect(await kept(64 * 1024 * 1024)).toBe(1)
    expect(await kept(64 * 1024 * 1024 + 1)).toBe(0)
  })

  test('not the worker of a tab that had no store: its call ends', async () => {
    const world = begin({}, { store: () => memoryStore() })
    const { room } = await stage.tabInRoom()
    const sending = room.sendFile(NOTES)
    sending.catch(() => undefined)
    await untilUploads(world, 1)

    stage.worker.die()
    await stage.settle()
    await stage.pass(61_000)

    expect(await stage.failure(sending)).toMatchObject({ code: 'worker-gone' })
  })
})

describe('a file to one person', () => {
  const resumes = { management: 'resumes' } as const
  const textsOf = ({ account }: Tab): string[] => {
    const texts: string[] = []
    account.chat(ROMEO).on('message', ({ body }) => texts.push(body))
    return texts
  }

  test('is put where the server says, and then said to them, with what it is; every tab sees how far it is', async () => {
    const world = begin({}, resumes)
    const [first, second] = [await stage.tab(), await stage.tab()]
    const texts = textsOf(second)
    const events = heard(second)
    const progress: number[] = []

    const sending = first.account.chat(ROMEO).sendFile(NOTES, { onProgress: ({ sent }) => progress.push(sent) })
    await untilUploads(world, 1)
    expect([...second.account.uploads.values()]).toMatchObject([{ room: ROMEO, name: 'notes.txt', size: 10, sent: 0 }])
    world.uploader.uploads[0]?.sent(10)
    world.uploader.uploads[0]?.end(outcomeOf(201))
    const message = await stage.until(sending)
    await stage.settle()

    expect(message).toMatchObject({ room: ROMEO, to: ROMEO, body: `${GET}/1`, state: 'sent', fromThisTab: true })
    expect(message.file).toMatchObject({ url: `${GET}/1`, name: 'notes.txt', mediaType: 'text/plain', size: 10 })
    const [stanza, ...others] = stage.upstream.sent.filter((node) => node.name === 'message')
    expect(others).toEqual([])
    expect(stanza?.attrs).toMatchObject({ to: ROMEO, type: 'chat', id: message.originId })
    expect(stanza && readSharedFile(stanza)).toMatchObject({ name: 'notes.txt', size: 10 })
    expect(child(stanza as XmlNode, 'jabber:x:oob', 'x')).toBeDefined()
    expect(child(stanza as XmlNode, 'urn:xmpp:receipts', 'request')).toBeDefined()
    expect(progress).toEqual([0, 10])
    expect(events.at(-1)).toMatchObject({ state: 'sent', upload: { room: ROMEO } })
    expect(texts).toEqual([`${GET}/1`])
    expect(await world.store.allKept(FILES)).toEqual(new Map())
  })

  test('is given up by its signal', async () => {
    const world = begin({}, resumes)
    const { account } = await stage.tab()
    const ending = new AbortController()
    const sending = account.chat(ROMEO).sendFile(NOTES, { signal: ending.signal })
    sending.catch(() => undefined)
    await untilUploads(world, 1)

    ending.abort()

    expect(await stage.failure(sending)).toMatchObject({ code: 'aborted' })
    await stage.settle()
    expect(world.uploader.uploads[0]?.aborted).toBe(true)
    expect(said()).toEqual([])
  })

  test('outlives the tab that sent it, also where no other one knows of the chat', async () => {
    const world = begin({}, resumes)
    const [first, second] = [await stage.tab(), await stage.tab()]
    first.account
      .chat(ROMEO)
      .sendFile(NOTES)
      .catch(() => undefined) // its tab dies
    await untilUploads(world, 1)

    first.die()
    await stage.settle()
    world.uploader.uploads[0]?.end(outcomeOf(201))
    await stage.settle()

    expect(world.chats.arrived).toMatchObject([{ to: ROMEO, body: `${GET}/1` }])
    expect(second.account.chats.get(ROMEO)?.newest).toMatchObject({ own: true, fromThisTab: false })
  })

  test('outlives its worker: the next one, which knows of no such chat, puts it anew and says it once', async () => {
    const world = begin({}, resumes)
    const [first] = [await stage.tab(), await stage.tab()]
    first.account
      .chat(ROMEO)
      .sendFile(NOTES)
      .catch(() => undefined) // its tab dies
    await untilUploads(world, 1)

    first.die()
    stage.worker.die()
    await stage.settle()
    await stage.pass(1_000)
    await untilUploads(world, 2)
    world.uploader.uploads[1]?.end(outcomeOf(201))
    await stage.settle()

    expect(world.chats.arrived).toMatchObject([{ to: ROMEO, body: `${GET}/2` }])
    expect(await world.store.allKept(FILES)).toEqual(new Map())
  })

  test('is not said where they turn out to be a room', async () => {
    const world = begin({}, resumes)
    const { account } = await stage.tabInRoom()
    const sending = account.chat(`other@${ROOM.split('@')[1]}`).sendFile(NOTES)
    sending.catch(() => undefined)
    await untilUploads(world, 1)
    world.uploader.uploads[0]?.end(outcomeOf(201))

    expect(await stage.failure(sending)).toMatchObject({ code: 'not-acceptable' })
    expect(said()).toEqual([])
    expect(await world.store.allKept(FILES)).toEqual(new Map())
  })
})

describe('sendFile', () => {
  test('ends when its tab detaches', async () => {
    const world = begin()
    const { room, account } = await stage.tabInRoom()
    const sending = room.sendFile(NOTES)
    sending.catch(() => undefined)
    await untilUploads(world, 1)

    await stage.until(account.detach())
    await stage.pass(1)

    expect(await stage.failure(sending)).toMatchObject({ code: 'worker-gone' })
  })

  test('ends when its tab has left the room, and does not come back', async () => {
    const world = begin()
    const { room } = await stage.tabInRoom()
    const sending = room.sendFile(NOTES)
    sending.catch(() => undefined)
    await untilUploads(world, 1)

    await stage.until(room.leave())
    world.uploader.uploads[0]?.end(outcomeOf(201))
    await stage.settle()
    await stage.pass(60_000)

    expect(await stage.failure(sending)).toMatchObject({ code: 'not-joined' })
    expect(said()).toEqual([])
  })

  test('is for a tab that is in', async () => {
    begin()
    const { room } = await stage.tab()

    expect(await stage.failure(room.sendFile(NOTES))).toMatchObject({ code: 'not-joined' })
  })

  test('takes what it must be given', async () => {
    begin()
    const { room } = await stage.tabInRoom()
    const wrong: [unknown, unknown][] = [
      ['a path', {}],
      [undefined, {}],
      [NOTES, { body: 1 }],
      [NOTES, { name: 7 }],
      [NOTES, { width: '640' }],
      [NOTES, { height: '480' }],
      [NOTES, { onProgress: true }],
      [NOTES, { signal: 'stop' }],
    ]

    // What is wrong for the compiler, too.
    for (const [file, options] of wrong) expect(() => room.sendFile(file as File, options as object)).toThrow(TypeError)
  })
})
