import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Poll, polls } from '../../examples/polls/plugin.ts'
import { child } from '../../src/protocol/xml.ts'
import { type Tab, type TabStage, tabStage } from '../support/fakes/tab-pair.ts'

const NS = 'urn:example:polls:0'
const ROMEO = 'romeo@montague.example'

let stage: TabStage
beforeEach(() => {
  stage = tabStage({ plugins: [polls()] })
})
afterEach(() => stage.end())

const asked = (id: string, options = ['garden', 'tomb'], from = `${ROMEO}/x`): string =>
  `<message from='${from}'><poll xmlns='${NS}' id='${id}'><question>Where?</question>${options
    .map((option) => `<option>${option}</option>`)
    .join('')}</poll></message>`
const pluginOf = ({ account }: Tab) => account.plugin<ReturnType<typeof polls>>('polls')
const votes = (): unknown[] =>
  stage.upstream.stream.sent.flatMap((stanza) => {
    const vote = child(stanza, NS, 'vote')
    return vote ? [{ to: stanza.attrs['to'], ...vote.attrs }] : []
  })
const hear = (tab: Tab): Poll[] => {
  const heard: Poll[] = []
  pluginOf(tab).on('poll', (poll) => heard.push(poll))
  return heard
}

test('a poll is told to every tab, and once', async () => {
  const heard = [hear(await stage.tab()), hear(await stage.tab())]

  stage.upstream.stream.deliver(asked('p1'))
  stage.upstream.stream.deliver(asked('p1', ['another', 'one']))
  await stage.settle()

  for (const each of heard)
    expect(each).toMatchObject([{ id: 'p1', author: ROMEO, question: 'Where?', options: ['garden', 'tomb'] }])
})

test('a vote of one tab is seen in all, and sent once', async () => {
  const [first, second] = [await stage.tab(), await stage.tab()]
  stage.upstream.stream.deliver(asked('p1'))
  await stage.settle()
  const heard = hear(second)
  const vote = { author: ROMEO, id: 'p1', option: 1 }

  expect(await stage.until(pluginOf(first).call('vote', vote))).toMatchObject({ vote: 1 })
  await stage.until(pluginOf(second).call('vote', vote))

  expect(heard.map((poll) => poll.vote)).toEqual([undefined, 1])
  expect(votes()).toEqual([{ to: ROMEO, poll: 'p1', option: '1' }])
})

test('what was voted is there in the next worker, and in a tab that comes later', async () => {
  const first = await stage.tab()
  stage.upstream.stream.deliver(asked('p1'))
  await stage.settle()
  await stage.until(pluginOf(first).call('vote', { author: ROMEO, id: 'p1', option: 0 }))

  stage.worker.die()
  await stage.pass(20_000)
  const late = await stage.tab()
  const told: (readonly Poll[])[] = []
  pluginOf(late).on('polls', (all) => told.push(all))
  await stage.settle()

  expect(await stage.until(pluginOf(first).call('list'))).toMatchObject([{ id: 'p1', vote: 0 }])
  expect(told).toMatchObject([[{ id: 'p1', vote: 0 }]])
})

test('only whoever asked ends a poll, and nobody votes in it then', async () => {
  const tab = await stage.tab()
  stage.upstream.stream.deliver(asked('p1'))
  const closed = (from: string): string => `<message from='${from}'><closed xmlns='${NS}' id='p1'/></message>`
  stage.upstream.stream.deliver(closed('mercutio@capulet.example/x'))
  await stage.settle()
  expect(await stage.until(pluginOf(tab).call('list'))).toMatchObject([{ id: 'p1' }])
  expect((await stage.until(pluginOf(tab).call('list')))[0]?.closed).toBeUndefined()

  stage.upstream.stream.deliver(closed(`${ROMEO}/y`))
  await stage.settle()

  expect(await stage.until(pluginOf(tab).call('list'))).toMatchObject([{ closed: true }])
  const vote = pluginOf(tab).call('vote', { author: ROMEO, id: 'p1', option: 0 })
  expect(await stage.failure(vote)).toMatchObject({ code: 'not-acceptable' })
})

test('a vote without a connection is refused, and nothing of it is kept', async () => {
  const tab = await stage.tab()
  stage.upstream.stream.deliver(asked('p1'))
  await stage.settle()
  stage.upstream.stream.end('closed')
  await stage.settle()

  const vote = pluginOf(tab).call('vote', { author: ROMEO, id: 'p1', option: 0 })
  expect(await stage.failure(vote)).toMatchObject({ code: 'offline', retry: true })
  expect((await stage.until(pluginOf(tab).call('list')))[0]?.vote).toBeUndefined()
})

test.each([
  ['with one option', asked('p1', ['garden'])],
  ['with more options than anybody reads', asked('p1', Array<string>(21).fill('garden'))],
  ['without an id', asked('')],
  ['that is an error', asked('p1').replace('<message ', "<message type='error' ")],
])('a poll %s is none', async (_what, stanza) => {
  const tab = await stage.tab()

  stage.upstream.stream.deliver(stanza)
  await stage.settle()

  expect(await stage.until(pluginOf(tab).call('list'))).toEqual([])
})

test('of more polls than fifty the oldest go', async () => {
  const tab = await stage.tab()
  for (let at = 1; at <= 51; at++) {
    stage.upstream.stream.deliver(asked(`p${at}`))
    stage.clock.advance(1)
  }
  await stage.settle()

  const kept = await stage.until(pluginOf(tab).call('list'))

  expect(kept).toHaveLength(50)
  expect(kept[0]?.id).toBe('p2')
})
