import { describe, expect, test } from 'vitest'
import type { PluginWorker } from '../../src/contract/plugin.ts'
import { child } from '../../src/protocol/xml.ts'
import { memoryStore } from '../../src/storage/memory-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { brokerStage } from '../support/fakes/broker-stage.ts'
import { ROOM } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const MARK = stanza("<mark xmlns='urn:example:notes'/>")
const WORDS = { id: 'n1', tab: 't1', body: 'noted', more: [MARK], forget: 'n1' }

/** A broker with a plug-in in the test's hand. */
function begin(store: Store = memoryStore()) {
  const seen: string[] = []
  let worker: PluginWorker | undefined
  const stage = brokerStage({
    store,
    plugins: [
      {
        name: 'notes',
        start(given) {
          worker = given
          return { entered: (room) => void seen.push(`entered ${room}`), end: () => void seen.push('end') }
        },
      },
    ],
  })
  if (!worker) throw new Error('it was not started')
  return { stage, seen, worker }
}

describe('a plug-in', () => {
  test('says something in a room, and has what the room made of it', async () => {
    const { stage, worker } = begin()
    const tab = await stage.inRoom('t1')
    const other = await stage.inRoom('t2')

    const saying = worker.say(ROOM, WORDS)
    await stage.settle()

    expect(await saying).toMatchObject({ body: 'noted', own: true, state: 'delivered', originId: 'n1', tab: 't1' })
    const [sent] = stage.upstream.sent.filter(({ name }) => name === 'message')
    expect(sent && child(sent, 'urn:example:notes', 'mark')).toEqual(MARK)
    for (const { told } of [tab, other]) expect(told('message').map(({ message }) => message.body)).toEqual(['noted'])
  })

  test('need not keep it from the moment in which it is written down, and not before', async () => {
    const store = memoryStore()
    const writes: string[][] = []
    const { stage, worker } = begin({
      ...store,
      write(ops) {
        writes.push(ops.map((op) => ('put' in op ? op.put : undefined) ?? 'none'))
        return store.write(ops)
      },
    })
    await stage.inRoom('t1')
    await worker.kept.set('n1', 'noted')

    const saying = worker.say(ROOM, WORDS)
    await stage.settle()
    await saying

    expect(writes).toContainEqual(['kept', 'outbox'])
    expect(await worker.kept.get('n1')).toBeUndefined()
  })

  test('has the answer also when the tab for which it speaks is gone', async () => {
    const { stage, worker } = begin()
    const tab = await stage.inRoom('t1')
    await stage.inRoom('t2')
    stage.room.deaf = true

    const saying = worker.say(ROOM, WORDS)
    await stage.settle()
    tab.attached.detach()
    await stage.settle()
    stage.clock.advance(20_000)
    await stage.settle()

    expect(await saying).toMatchObject({ state: 'sent' })
  })

  test('says nothing where the account is not, and keeps what it kept', async () => {
    const { stage, worker } = begin()
    await stage.attach('t1').signIn()
    await worker.kept.set('n1', 'noted')

    const saying = worker.say(ROOM, WORDS)
    saying.catch(() => undefined)
    await stage.settle()

    await expect(saying).rejects.toMatchObject({ code: 'not-joined' })
    expect(await worker.kept.get('n1')).toBe('noted')
  })

  test('is told of what the account enters, each time, and of its end', async () => {
    const { stage, seen } = begin()
    const tab = await stage.inRoom('t1')
    await stage.inRoom('t2')
    expect(seen).toEqual([`entered ${ROOM}`])

    await tab.leave({ everywhere: true })
    await tab.join()
    expect(seen).toEqual([`entered ${ROOM}`, `entered ${ROOM}`])
    stage.broker.abandon()

    expect(seen.at(-1)).toBe('end')
  })

  test('is at its end where all is wiped', async () => {
    const { stage, seen } = begin()
    const tab = await stage.inRoom('t1')

    await tab.call('logout', { wipe: true })

    expect(seen.at(-1)).toBe('end')
  })
})
