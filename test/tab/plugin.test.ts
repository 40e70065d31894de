import { afterEach, expect, test } from 'vitest'
import { failure, MinimixError } from '../../src/contract/errors.ts'
import type { Plugin, PluginCalls, PluginWorker } from '../../src/contract/plugin.ts'
import { NS_DISCO_INFO } from '../../src/protocol/xep-0030-disco.ts'
import { child, el } from '../../src/protocol/xml.ts'
import { brokerStage } from '../support/fakes/broker-stage.ts'
import { ROOM } from '../support/fakes/room-xml.ts'
import { type TabStage, type TabStageOptions, tabStage } from '../support/fakes/tab-pair.ts'

type NotesCalls = { add: (text: string, tab: string) => Promise<number>; refuse: () => never; break: () => never }
type NotesEvents = { added: { readonly text: string }; all: readonly string[] }

const NS = 'urn:example:notes'
const ASKED = `<iq type='get' id='q1' from='romeo@montague.example/x'><count xmlns='${NS}'/></iq>`

/** What a plug-in can do, all of it. */
function notes(seen: string[] = []): Plugin<NotesCalls, NotesEvents> {
  return {
    name: 'notes',
    features: [NS],
    start: (worker: PluginWorker<NotesEvents>) => ({
      calls: {
        async add(text) {
          await worker.kept.set(`${(await worker.kept.all()).size}`, text)
          worker.tell('added', { text })
          return (await worker.kept.all()).size
        },
        refuse: () => {
          throw new MinimixError(failure('forbidden', 'notes: not today'))
        },
        break: () => {
          throw new Error('broken')
        },
      },
      online: (resumed) => void seen.push(resumed ? 'resumed' : 'online'),
      lost: () => void seen.push('lost'),
      gone: () => void seen.push('gone'),
      attached: (tab) => void worker.kept.all().then((all) => worker.tell('all', [...all.values()].map(String), tab)),
      stanza: (stanza) => child(stanza, NS, 'note') !== undefined,
      request: (request) => (child(request, NS, 'count') ? [el(NS, 'count', { number: '7' })] : undefined),
    }),
  }
}

let stage: TabStage
const begin = (options: TabStageOptions): void => {
  stage = tabStage(options)
}
afterEach(() => stage.end())

test('a call gives every tab its event and the caller its value, in that order', async () => {
  begin({ plugins: [notes()] })
  const [t1, t2] = [await stage.tab(), await stage.tab()]
  const heard: unknown[] = []
  t1.account.plugin<Plugin<NotesCalls, NotesEvents>>('notes').on('added', (note) => heard.push(note))
  const plugin = t2.account.plugin<Plugin<NotesCalls, NotesEvents>>('notes')
  plugin.on('added', (note) => heard.push(note))

  const count = await stage.until(plugin.call('add', 'milk').finally(() => heard.push('answered')))
  await stage.settle()

  expect(count).toBe(1)
  expect(heard).toEqual(expect.arrayContaining([{ text: 'milk' }, { text: 'milk' }, 'answered']))
  expect(heard.indexOf('answered')).toBeGreaterThan(0)
})

test('a tab that comes later is told what there is, it alone', async () => {
  const { attach, settle } = brokerStage({ plugins: [notes()] })
  const t1 = attach('t1')
  await settle()
  await t1.call('plugin', { plugin: 'notes', method: 'add', args: 'milk' })

  const t2 = attach('t2')
  await settle()

  expect(t1.told('plugin').map(({ name, detail }) => [name, detail])).toEqual([
    ['all', []],
    ['added', { text: 'milk' }],
  ])
  expect(t2.told('plugin').map(({ name, detail }) => [name, detail])).toEqual([['all', ['milk']]])
})

test('what a tab was told before it listened it is told when it does, the last of it, and once', async () => {
  begin({ plugins: [notes()] })
  const { account } = await stage.tab()
  const plugin = account.plugin<ReturnType<typeof notes>>('notes')
  for (let at = 1; at <= 101; at++) await stage.until(plugin.call('add', `note ${at}`))
  const heard: unknown[] = []
  const late: unknown[] = []

  plugin.on('all', (all) => heard.push(all), { signal: AbortSignal.abort() })
  await stage.settle()
  plugin.on('all', (all) => heard.push(all))
  plugin.on('added', ({ text }) => heard.push(text))
  expect(heard).toEqual([])
  await stage.settle()
  plugin.on('added', ({ text }) => late.push(text))
  await stage.until(plugin.call('add', 'the last one'))

  expect(heard.slice(0, 2)).toEqual([[], 'note 2'])
  expect(heard.slice(-2)).toEqual(['note 101', 'the last one'])
  expect(heard).toHaveLength(102)
  expect(late).toEqual(['the last one'])
})

test('calls and events have the types of the plug-in, also where nobody wrote them out', async () => {
  const counter = {
    name: 'counter',
    start: (worker: PluginWorker<{ counted: number }>) => ({
      calls: { add: async (by: number) => worker.tell('counted', by), zero: () => 0 },
    }),
  } satisfies Plugin<PluginCalls, { counted: number }>
  begin({ plugins: [counter as Plugin] })
  const { account } = await stage.tab()
  const plugin = account.plugin<typeof counter>('counter')
  const heard: number[] = []

  plugin.on('counted', (by) => heard.push(by))
  await stage.until(plugin.call('add', 3))
  const zero: number = await stage.until(plugin.call('zero'))
  // @ts-expect-error it counts by numbers
  await stage.until(plugin.call('add', '4'))
  // @ts-expect-error there is no such call
  await stage.failure(plugin.call('subtract', 3))
  // @ts-expect-error there is no such event
  plugin.on('added', () => undefined)

  expect([zero, heard]).toEqual([0, [3, '4']])
})

test.each([
  ['refuse', { code: 'forbidden', message: 'notes: not today' }],
  ['break', { code: 'worker-error' }],
  ['toString', { code: 'outdated' }],
  ['unheard', { code: 'outdated' }],
] as const)('the call %s rejects with %j', async (name, error) => {
  begin({ plugins: [notes()] })
  const { account } = await stage.tab()

  const failed = await stage.failure(account.plugin<Plugin<PluginCalls>>('notes').call(name, null))

  expect(failed).toBeInstanceOf(MinimixError)
  expect(failed).toMatchObject(error)
})

test('a plug-in that the worker does not have is a call that rejects', async () => {
  begin({})
  const { account } = await stage.tab()

  expect(await stage.failure(account.plugin<Plugin<PluginCalls>>('notes').call('add', 'milk'))).toMatchObject({
    code: 'outdated',
  })
})

test('it hears of sessions, and of tabs that are gone', async () => {
  const seen: string[] = []
  begin({ plugins: [notes(seen)] })
  const tab = await stage.tab()
  await stage.tab()

  stage.upstream.stream.end('closed')
  await stage.settle()
  await stage.pass(1_000)
  tab.die()
  await stage.settle()

  expect(seen).toEqual(['online', 'lost', 'online', 'gone'])
})

test('what it understands is handled, and what it answers is answered', async () => {
  begin({ plugins: [notes()] })
  const { account } = await stage.tab()
  const handled: boolean[] = []
  account.on('stanza', (event) => handled.push(event.handled))
  await stage.settle()

  stage.upstream.stream.deliver(`<message from='romeo@montague.example/x'><note xmlns='${NS}'/></message>`)
  stage.upstream.stream.deliver(`<message from='romeo@montague.example/x'><other xmlns='${NS}'/></message>`)
  stage.upstream.stream.deliver(ASKED)
  await stage.settle()

  expect(handled).toEqual([true, false])
  const answer = stage.upstream.stream.sent.find(({ attrs }) => attrs['id'] === 'q1')
  expect(answer?.attrs['type']).toBe('result')
  expect(answer && child(answer, NS, 'count')?.attrs['number']).toBe('7')
})

test('what it can do is part of what the account says of itself', async () => {
  begin({ plugins: [notes()] })
  await stage.tab()

  stage.upstream.stream.deliver(`<iq type='get' id='q1' from='a@b'><query xmlns='${NS_DISCO_INFO}'/></iq>`)
  await stage.settle()

  const answer = stage.upstream.stream.sent.find(({ attrs }) => attrs['id'] === 'q1')
  const query = answer && child(answer, NS_DISCO_INFO, 'query')
  expect(query?.children).toContainEqual(el(NS_DISCO_INFO, 'feature', { var: NS }))
})

test('what it adds to presences is said once to all and in each room, and with each later one', async () => {
  let worker: PluginWorker | undefined
  const shows: Plugin = {
    name: 'shows',
    start: (given) => {
      worker = given
      return {}
    },
  }
  begin({ plugins: [shows] })
  const { account } = await stage.tabInRoom()
  const since = stage.upstream.sent.length
  const said = (): string[] =>
    stage.upstream.sent
      .slice(since)
      .filter(({ name }) => name === 'presence')
      .map((each) => `${each.attrs['to'] ?? 'all'} ${child(each, NS, 'mood')?.children.join('') ?? 'nothing'}`)

  worker?.present(el(NS, 'mood', undefined, 'glad'))
  worker?.present(el(NS, 'mood', undefined, 'glad'))
  await stage.settle()
  expect(said()).toEqual(['all glad', `${ROOM}/juliet glad`])
  await stage.until(account.setPresence({ show: 'away' }))
  void account
    .room('hall@rooms.example')
    .join({ nick: 'juliet' })
    .catch(() => undefined)
  await stage.settle()
  worker?.present(undefined)
  await stage.settle()

  expect(said().slice(2, 5)).toEqual(['all glad', `${ROOM}/juliet glad`, 'hall@rooms.example/juliet glad'])
  expect(said().slice(5)).toEqual(['all nothing', `${ROOM}/juliet nothing`, 'hall@rooms.example/juliet nothing'])
  expect([ROOM, 'other@rooms.example', 'romeo@montague.example'].map((jid) => worker?.isRoom(jid))).toEqual([
    true,
    true,
    false,
  ])
})

test('what it rejects with is logged, as what it throws is', async () => {
  begin({ plugins: [{ name: 'slow', start: () => ({ attached: () => Promise.reject(new Error('too late')) }) }] })
  const { account } = await stage.tab()
  await stage.settle()

  expect((await stage.until(account.inspect())).log.some(({ text }) => text.startsWith('slow: Error: too late'))).toBe(
    true,
  )
})

test('one that throws whatever it is called for harms nobody', async () => {
  const broken = (): never => {
    throw new Error('broken')
  }
  begin({
    plugins: [
      {
        name: 'broken',
        start: () => ({
          online: broken,
          lost: broken,
          attached: broken,
          gone: broken,
          stanza: broken,
          request: broken,
        }),
      },
      { name: 'never', start: broken },
      notes(),
    ],
  })
  const tab = await stage.tabInRoom()

  stage.upstream.stream.deliver(ASKED)
  await stage.settle()

  expect(stage.upstream.stream.sent.some(({ attrs }) => attrs['id'] === 'q1' && attrs['type'] === 'result')).toBe(true)
  expect((await stage.until(tab.account.inspect())).log.some(({ text }) => text.startsWith('broken: '))).toBe(true)
})

test('a plug-in hears of bookmarks and memberships, of each change once, and can write a bookmark', async () => {
  const seen: unknown[] = []
  let worker: PluginWorker | undefined
  begin({
    plugins: [
      {
        name: 'watcher',
        start: (given) => {
          worker = given
          return {
            bookmark: (room, bookmark) => void seen.push([room, bookmark?.name]),
            membership: (room, isIn) => void seen.push([room, isIn, given.isIn(room)]),
          }
        },
      },
    ],
  })
  const { room } = await stage.tabInRoom()
  await stage.until(room.setNick('jules'))
  await stage.until(worker?.setBookmark({ room: room.jid, name: 'Garden', autojoin: false }) ?? Promise.reject())
  await stage.until(room.leave())
  stage.pep.remove(room.jid)
  await stage.settle()

  expect(seen).toEqual([
    [room.jid, true, true],
    [room.jid, 'Garden'],
    [room.jid, false, false],
    [room.jid, undefined],
  ])
})
