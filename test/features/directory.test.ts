import { describe, expect, test } from 'vitest'
import type { RoomPage } from '../../src/contract/directory.ts'
import { directory } from '../../src/features/directory.ts'
import { type Answers, type Asked, pluginStage } from '../support/fakes/plugin-stage.ts'

const INFO = 'http://jabber.org/protocol/disco#info'
const ITEMS = 'http://jabber.org/protocol/disco#items'
const MUC = 'http://jabber.org/protocol/muc'
const SEARCH = 'urn:xmpp:channel-search:0:search'
const RSM = 'http://jabber.org/protocol/rsm'
const SERVICE = 'rooms.example'

const info = (identity: string, ...features: readonly string[]): string =>
  `<query xmlns='${INFO}'><identity category='${identity}' type='text'/>` +
  `${features.map((name) => `<feature var='${name}'/>`).join('')}</query>`
const items = (jids: readonly string[], more = ''): string =>
  `<query xmlns='${ITEMS}'>${jids.map((jid) => `<item jid='${jid}' name='Room ${jid.split('@')[0]}'/>`).join('')}${more}</query>`
const room = (name: string): string => `${name}@${SERVICE}`
const missing = { error: 'item-not-found' } as const

/** The own server has a service of rooms, one that searches where said, and something that does not answer. */
function server({ rooms = [], searches = false, pages }: Partial<Server> = {}): Answers {
  return ({ to, payload }) => {
    const wantsItems = payload.includes(ITEMS)
    if (to === 'capulet.example')
      return items([SERVICE, 'upload.example', 'silent.example', ...(searches ? ['search.example'] : [])])
    if (to === SERVICE) return wantsItems ? (pages?.(payload) ?? items(rooms.map(room))) : info('conference', MUC)
    if (to === 'upload.example') return info('store')
    if (to === 'search.example') return searchAnswer(payload)
    if (to === room('garden')) return info('conference', MUC)
    return to === 'silent.example' ? { error: 'service-unavailable' } : missing
  }
}

interface Server {
  readonly rooms: readonly string[]
  readonly searches: boolean
  readonly pages: (payload: string) => string
}

function searchAnswer(payload: string): string {
  if (payload.includes(INFO)) return info('directory', SEARCH)
  const form = "<x xmlns='jabber:x:data' type='form'><field var='q'/><field var='sinname'/></x>"
  if (!payload.includes('submit')) return `<search xmlns='${SEARCH}'>${form}</search>`
  return (
    `<result xmlns='${SEARCH}'><item address='${room('garden')}'><name>The Garden</name><nusers>3</nusers></item>` +
    `<set xmlns='${RSM}'><first>a</first><last>z</last><count>${payload.includes('<max>1</max>') ? 9 : 1}</count></set></result>`
  )
}

const stageOf = (options?: Partial<Server>, answers = server(options)) => {
  const stage = pluginStage(directory, answers)
  const { calls } = stage.parts
  if (!calls) throw new Error('no calls')
  return { ...stage, calls }
}
const askedOf = (asked: readonly Asked[], to: string): string[] =>
  asked.filter((each) => each.to === to).map(({ payload }) => payload)
const names = ({ rooms }: RoomPage): string[] => rooms.map((each) => each.room.split('@')[0] ?? '')
const failing = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'did not fail',
    (error: unknown) => error,
  )

describe('the services', () => {
  test('are what belongs to the own server and has rooms', async () => {
    expect(await stageOf({ searches: true }).calls.services()).toEqual([{ jid: SERVICE, name: `Room ${SERVICE}` }])
  })

  test('are asked for once in a session, and again where that failed', async () => {
    let refuses = true
    const { calls, asked, parts } = stageOf({}, (each) =>
      refuses && each.to === 'capulet.example' ? { error: 'internal-server-error' } : server()(each),
    )
    expect(await failing(calls.services())).toMatchObject({ condition: 'internal-server-error' })
    refuses = false
    await calls.services()
    await calls.services()
    expect(askedOf(asked, 'capulet.example')).toHaveLength(2)

    parts.lost?.()
    await calls.services()
    expect(askedOf(asked, 'capulet.example')).toHaveLength(3)
  })

  test('are not asked for without a connection', async () => {
    const { calls, asked, world } = stageOf()
    world.online = false

    expect(await failing(calls.services())).toMatchObject({ code: 'offline' })
    expect(asked).toEqual([])
  })

  test('are looked for among so many things of the server', async () => {
    const many = Array.from({ length: 100 }, (_, at) => `s${at}.example`)
    const { calls, asked } = stageOf({}, ({ to }) => (to === 'capulet.example' ? items(many) : info('conference', MUC)))

    expect(await calls.services()).toHaveLength(30)
    expect(asked).toHaveLength(31)
  })

  test('where there are none, there are no rooms to find', async () => {
    const { calls } = stageOf({}, () => items([]))

    expect(await calls.services()).toEqual([])
    expect(await failing(calls.rooms({ limit: 5 }))).toMatchObject({ code: 'room-not-found' })
  })
})

describe('the rooms of a service', () => {
  test('that lists all of them come by pages that we make, each once', async () => {
    const { calls } = stageOf({ rooms: ['d', 'a', 'c', 'b', 'e'] })

    const first = await calls.rooms({ limit: 2 })
    const second = await calls.rooms({ limit: 2, after: first.after ?? '' })
    const third = await calls.rooms({ service: SERVICE, limit: 2, after: second.after ?? '' })

    expect([first, second, third].map(names)).toEqual([['a', 'b'], ['c', 'd'], ['e']])
    expect(third).not.toHaveProperty('after')
    expect(first.rooms[0]).toEqual({ room: room('a'), name: 'Room a' })
  })

  test('that has pages come by its own', async () => {
    const end = (last: string): string => `<set xmlns='${RSM}'><last>${last}</last></set>`
    const { calls } = stageOf({
      pages: (payload) =>
        payload.includes('<after>2</after>') ? items([room('c')], end('3')) : items([room('b'), room('a')], end('2')),
    })

    const first = await calls.rooms({ limit: 2 })
    const second = await calls.rooms({ limit: 2, after: '2' })

    expect([names(first), first.after]).toEqual([['b', 'a'], '2'])
    expect([names(second), second.after]).toEqual([['c'], undefined])
  })

  test('are never asked for more than a hundred at once: ejabberd would give the last hundred', async () => {
    const { calls, asked } = stageOf({ rooms: ['garden'] })

    await calls.rooms({ limit: 500 })

    expect(askedOf(asked, SERVICE).join()).toContain('<max>100</max>')
  })

  test('are those of the service: what it says of others is left out', async () => {
    const { calls } = stageOf({
      pages: () => items(['hall@other.example', SERVICE, `${room('a')}/romeo`, room('a'), '@']),
    })

    expect(names(await calls.rooms({ limit: 9 }))).toEqual(['a'])
  })

  test('are none where the answer is none', async () => {
    expect(await stageOf({ pages: () => '<x xmlns="urn:x"/>' }).calls.rooms({ limit: 9 })).toEqual({ rooms: [] })
  })
})

describe('a search', () => {
  test('asks the service that searches, by its own form', async () => {
    const { calls, asked } = stageOf({ searches: true })

    const page = await calls.search({ text: 'garden', limit: 1 })

    expect(page).toEqual({
      rooms: [{ room: room('garden'), name: 'The Garden', occupants: 3, open: false }],
      after: 'z',
    })
    const [, , submitted = ''] = askedOf(asked, 'search.example')
    expect(submitted).toContain('garden')
    expect(submitted).toContain('sinname')
    expect(submitted).not.toContain('sindescription')
    expect(askedOf(asked, SERVICE).filter((payload) => payload.includes(ITEMS))).toEqual([])
  })

  test('has no more pages where the service gave all that there are', async () => {
    expect(await stageOf({ searches: true }).calls.search({ text: 'garden', limit: 2 })).not.toHaveProperty('after')
  })

  test('asks the service that is named, whichever kind it is', async () => {
    const { calls } = stageOf({ rooms: ['garden', 'hall'] })

    expect(names(await calls.search({ text: 'hall', service: SERVICE, limit: 9 }))).toEqual(['hall'])
    expect(names(await calls.search({ text: 'x', service: 'search.example', limit: 9 }))).toEqual(['garden'])
  })

  test.each([
    ['ROOM gar', ['garden']],
    ['gärden', ['garden']],
    ['a', ['garden', 'hall']],
    ['hall garden', []],
    ['  ', ['garden', 'hall']],
  ])('without such a service finds %j among names and addresses: %j', async (text, found) => {
    expect(names(await stageOf({ rooms: ['garden', 'hall'] }).calls.search({ text, limit: 9 }))).toEqual(found)
  })

  test('without such a service looks at so many rooms, and no further than it must', async () => {
    const pages = (payload: string): string => {
      const at = Number(/<after>(\d+)</.exec(payload)?.[1] ?? 0)
      const page = Array.from({ length: 100 }, (_, each) => room(`r${at + each}`))
      return items(page, `<set xmlns='${RSM}'><last>${at + 100}</last></set>`)
    }
    const { calls, asked } = stageOf({ pages })
    const questions = (): number => askedOf(asked, SERVICE).filter((payload) => payload.includes(ITEMS)).length

    expect((await calls.search({ text: 'r12', limit: 3 })).rooms).toHaveLength(3)
    expect(questions()).toBe(2)
    expect((await calls.search({ text: 'nothing', limit: 3 })).rooms).toEqual([])
    expect(questions()).toBe(2 + 50)
  })

  test('fails where the answer is none', async () => {
    const { calls } = stageOf({}, ({ payload }) => (payload.includes(INFO) ? info('directory', SEARCH) : ''))

    expect(await failing(calls.search({ text: 'x', service: 'search.example', limit: 9 }))).toMatchObject({
      code: 'stanza-error',
    })
  })
})

describe('what a room is', () => {
  test('is asked anew each time', async () => {
    const { calls, asked } = stageOf()

    expect(await calls.info({ room: room('garden') })).toMatchObject({ room: room('garden'), open: true })
    expect(asked).toMatchObject([{ to: room('garden'), anew: true }])
  })

  test.each([
    ['is not there', missing, 'room-not-found'],
    ['is no room', info('account'), 'room-not-found'],
    ['may not be asked', { error: 'forbidden' }, 'stanza-error'],
  ])('is an error where it %s', async (_how, answer, code) => {
    expect(await failing(stageOf({}, () => answer).calls.info({ room: room('x') }))).toMatchObject({ code })
  })
})

describe('the address of a new room', () => {
  test.each([
    [{ jid: 'New@rooms.example' }, 'new@rooms.example'],
    [{ local: 'new' }, 'new@rooms.example'],
    [{ local: 'new', service: 'other.example' }, 'new@other.example'],
    [{}, 'id-1@rooms.example'],
  ])('for %j is %s', async (where, address) => {
    expect(await stageOf().calls.vacant(where)).toBe(address)
  })

  test('is not one where there is a room', async () => {
    expect(await failing(stageOf().calls.vacant({ local: 'garden' }))).toMatchObject({
      code: 'stanza-error',
      condition: 'conflict',
    })
  })

  test.each([{ local: 'a b' }, { jid: 'rooms.example' }, { jid: 'a@rooms.example/x' }, { local: '' }])(
    'is not %j',
    async (where) => {
      expect(await failing(stageOf().calls.vacant(where))).toMatchObject({ code: 'jid-malformed' })
    },
  )

  test('is unknown where the service does not say', async () => {
    const { calls } = stageOf({}, () => ({ error: 'forbidden' }))

    expect(await failing(calls.vacant({ jid: room('x') }))).toMatchObject({ condition: 'forbidden' })
  })
})

describe('the plan of a new room', () => {
  const OWNER = `${MUC}#owner`
  const form = (...fields: readonly string[]): string =>
    `<query xmlns='${OWNER}'><x xmlns='jabber:x:data' type='form'>${fields.map((name) => `<field var='muc#roomconfig_${name}'/>`).join('')}</x></query>`
  const plan = { room: room('new'), created: true, preset: 'private-group' } as const

  test('fills in the form of the room', async () => {
    const { calls } = stageOf({}, () => form('membersonly', 'roomname'))

    const { form: found, values } = await calls.plan({ ...plan, name: 'Us' })

    expect(found.fields).toHaveLength(2)
    expect(values).toEqual({ 'muc#roomconfig_membersonly': true, 'muc#roomconfig_roomname': 'Us' })
  })

  test.each(['<x xmlns="urn:x"/>', `<query xmlns='${OWNER}'/>`, form('roomname')])(
    'fails where the service cannot have such rooms: %s',
    async (answer) => {
      expect(await failing(stageOf({}, () => answer).calls.plan(plan))).toMatchObject({ code: 'not-acceptable' })
    },
  )

  test('fails where the join did not make the room', async () => {
    expect(await failing(stageOf().calls.plan({ ...plan, created: false }))).toMatchObject({ condition: 'conflict' })
  })
})
