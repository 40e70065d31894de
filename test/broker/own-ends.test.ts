import { describe, expect, test } from 'vitest'
import type { Plugin, PluginWorker } from '../../src/contract/plugin.ts'
import { child, type XmlNode } from '../../src/protocol/xml.ts'
import { brokerStage } from '../support/fakes/broker-stage.ts'
import { NS_MUC, notice, present, ROOM } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const NS_OWNER = 'http://jabber.org/protocol/muc#owner'
const DESTROY = { room: ROOM, name: 'destroy', args: {} } as const
const RAW_DESTROY = { to: ROOM, type: 'set', payload: stanza(`<query xmlns='${NS_OWNER}'><destroy/></query>`) } as const

async function inGarden() {
  const stage = brokerStage()
  const tab = await stage.inRoom('t1')
  const since = stage.upstream.sent.length
  const words = (): string[] => stage.upstream.sent.slice(since).flatMap(wordOf)
  return { stage, tab, words }
}

function wordOf(node: XmlNode): string[] {
  if (child(node, NS_MUC, 'x')) return ['join']
  const query = child(node, NS_OWNER, 'query')
  return query && child(query, NS_OWNER, 'destroy') ? ['destroy'] : []
}

describe('a room that is asked to end', () => {
  test.each([
    ['by its question', 'askRoom', DESTROY],
    ['by a request of its own', 'request', RAW_DESTROY],
  ] as const)('by a tab, %s, is asked for its list only when it has refused', async (_, name, args) => {
    const { stage, tab, words } = await inGarden()
    stage.room.deaf = true
    const ended = tab.attached.api.call(name, args)
    await stage.settle()

    stage.room.tell(notice([172]))
    await stage.settle()
    expect(words()).toEqual(['destroy'])
    stage.room.deaf = false
    stage.clock.advance(20_000)
    await stage.settle()

    expect(await ended).toMatchObject({ ok: false, error: { code: 'timeout' } })
    expect(words()).toEqual(['destroy', 'join'])
  })

  test('is asked for nothing more when it has ended', async () => {
    const { stage, tab, words } = await inGarden()
    const ended = tab.attached.api.call('askRoom', DESTROY)
    stage.upstream.stream.deliver(notice([172]))
    await stage.settle()

    expect(await ended).toMatchObject({ ok: true })
    expect(tab.told('destroyed')).toHaveLength(1)
    expect(words()).toEqual(['destroy'])
  })

  test('by a plug-in is not asked for its list meanwhile', async () => {
    let worker: PluginWorker | undefined
    const start: Plugin['start'] = (given) => {
      worker = given
      return {}
    }
    const stage = brokerStage({ plugins: [{ name: 'ender', start }] })
    await stage.inRoom('t1')
    const since = stage.upstream.sent.length

    const ended = worker?.request(RAW_DESTROY)
    stage.upstream.stream.deliver(notice([172]))
    await stage.settle()

    expect(await ended).toMatchObject({ attrs: { type: 'result' } })
    expect(stage.upstream.sent.slice(since).flatMap(wordOf)).toEqual(['destroy'])
  })

  test('is ended again where something of ours on its way there has made it anew', async () => {
    const { stage, tab, words } = await inGarden()
    await tab.call('askRoom', DESTROY)

    stage.upstream.stream.deliver(present('juliet', { codes: [201, 110] }))
    await stage.settle()

    expect(words()).toEqual(['destroy', 'destroy'])
    expect((await tab.inspect()).rooms).toEqual([])
  })

  test('and is wanted by a tab again is not ended where it lets that in too late', async () => {
    const { stage, tab, words } = await inGarden()
    await tab.call('askRoom', DESTROY)
    stage.room.deaf = true
    const late = tab.join()
    await stage.settle()
    stage.clock.advance(30_000)
    expect(await late).toMatchObject({ ok: false })

    stage.upstream.stream.deliver(present('juliet', { codes: [201, 110] }))
    await stage.settle()

    expect(words()).toEqual(['destroy', 'join'])
  })
})
