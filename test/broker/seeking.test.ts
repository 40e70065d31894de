import { describe, expect, test } from 'vitest'
import type { SharedMessage } from '../../src/contract/api.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { type BrokerStage, brokerStage } from '../support/fakes/broker-stage.ts'
import { ACCOUNT, ROOM, said } from '../support/fakes/room-xml.ts'
import { sharedMessage } from '../support/fakes/shared-message.ts'

const ROMEO = 'romeo@montague.example'
const WRITES = 8

/** The same store for a worker that dies after so many more writes: of the rest nobody hears. */
function mortal(store: Store) {
  let left = Number.POSITIVE_INFINITY
  const write: Store['write'] = (ops) => (left-- > 0 ? store.write(ops) : new Promise(() => undefined))
  return {
    store: { ...store, write },
    diesAfter(writes: number): void {
      left = writes
    },
    get dead(): boolean {
      return left < 0
    },
  }
}

const about = (inside: string): string => said('romeo', 'two', { id: 'x1', archiveId: 'a-x', inside })
const CASES: readonly [what: string, xml: string, room: string, expected: Partial<SharedMessage>][] = [
  [
    'a correction',
    about("<replace xmlns='urn:xmpp:message-correct:0' id='i1'/>"),
    ROOM,
    { body: 'two', changed: { what: 'correction', atMs: expect.any(Number) } },
  ],
  [
    'a retraction',
    about("<retract xmlns='urn:xmpp:message-retract:1' id='a1'/>"),
    ROOM,
    { retracted: true, body: '', changed: { what: 'retraction', atMs: expect.any(Number) } },
  ],
  [
    'a reaction',
    about("<reactions xmlns='urn:xmpp:reactions:0' id='a1'><reaction>👍</reaction></reactions>"),
    ROOM,
    { reactions: [{ emoji: '👍', nicks: ['romeo'], own: false }] },
  ],
  [
    'a receipt',
    `<message from='${ROMEO}/phone' to='${ACCOUNT}/web-1' type='chat' id='x1'><received xmlns='urn:xmpp:receipts' id='o1'/></message>`,
    ROMEO,
    { state: 'delivered' },
  ],
]

/** The message that it is about. */
const earlier = (room: string): SharedMessage =>
  room === ROOM
    ? sharedMessage(1, { originId: 'i1' })
    : sharedMessage(1, { room, nick: ACCOUNT, own: true, state: 'sent', originId: 'o1' })

/** The server says it and asks what has been handled. @returns whether that was */
async function hears({ upstream: { stream }, settle }: BrokerStage, xml: string): Promise<boolean> {
  const { acknowledged, unacknowledged } = stream.session as { acknowledged: number; unacknowledged: string[] }
  const before = acknowledged + unacknowledged.length
  stream.deliver(xml)
  stream.requestAck()
  await settle()
  return (stream.session as { acknowledged: number }).acknowledged > before
}

async function stage(store: Store, room: string): Promise<BrokerStage> {
  const made = brokerStage({ store, management: 'resumes' })
  made.room.enter('romeo')
  const tab = await made.inRoom('t1')
  if (room !== ROOM) await tab.call('listenTo', { room, shown: false })
  return made
}

describe.each(CASES)('%s', (_what, xml, room, expected) => {
  test('is made of the message that it is about', async () => {
    const store = memoryStore()
    await store.write([{ put: 'message', row: earlier(room) }])
    expect(await hears(await stage(store, room), xml)).toBe(true)

    expect(await store.find(room, 'a1')).toMatchObject(expected)
    expect(await store.allKept('account.seeking')).toEqual(new Map())
  })

  test.each(Array.from({ length: WRITES }, (_, n) => n))(
    'that the server forgets is not lost where the worker dies after %i writes',
    async (writes) => {
      const store = memoryStore()
      await store.write([{ put: 'message', row: earlier(room) }])
      const life = mortal(store)
      const first = await stage(life.store, room)
      life.diesAfter(writes)
      const handled = await hears(first, xml)
      expect(handled || life.dead).toBe(true)

      const second = brokerStage({ store, management: 'resumes' })
      await second.attach('t1').signIn()

      if (handled) expect(await store.find(room, 'a1')).toMatchObject(expected)
      expect(await store.allKept('account.seeking')).toEqual(new Map())
    },
  )
})

test('what the worker before was about to do is done in its order', async () => {
  const store = memoryStore()
  await store.write([{ put: 'message', row: earlier(ROOM) }])
  const life = mortal(store)
  const first = await stage(life.store, ROOM)
  life.diesAfter(1)
  for (const body of ['two', 'three', 'four', 'five', 'six', 'seven'])
    first.upstream.stream.deliver(
      said('romeo', body, { id: body, inside: "<replace xmlns='urn:xmpp:message-correct:0' id='i1'/>" }),
    )
  await first.settle()
  expect((await store.allKept('account.seeking')).size).toBe(6)

  await brokerStage({ store, management: 'resumes' }).attach('t1').signIn()

  expect(await store.find(ROOM, 'a1')).toMatchObject({ body: 'seven' })
})
