import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { base64, bytesOf } from '../../src/adapters/web-crypto.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import { avatars } from '../../src/features/avatars.ts'
import { profile } from '../../src/features/profile.ts'
import { roster } from '../../src/features/roster.ts'
import { NS_ROSTER } from '../../src/protocol/roster.ts'
import { NS_VCARD } from '../../src/protocol/xep-0054-vcard.ts'
import { elementsOf } from '../../src/protocol/xml.ts'
import { rosterCalls } from '../../src/tab/roster.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'
import { fakeMuc } from '../support/fakes/fake-muc.ts'
import { ACCOUNT, ROOM } from '../support/fakes/room-xml.ts'
import { type TabStage, tabStage } from '../support/fakes/tab-pair.ts'

const ROMEO = 'romeo@montague.example'
const PNG = `iVBORw0KGgo${'A'.repeat(21)}`
const HASH = createHash('sha1').update(Buffer.from(PNG, 'base64')).digest('hex')
const sha1 = async (bytes: Uint8Array): Promise<string> => createHash('sha1').update(bytes).digest('hex')
const plugins: readonly Plugin[] = [avatars({ sha1, toBase64: base64, fromBase64: bytesOf }), profile, roster]
const update = `<x xmlns='vcard-temp:x:update'><photo>${HASH}</photo></x>`

let stage: TabStage
let revoked: string[]
beforeEach(() => {
  let urls = 0
  revoked = []
  vi.spyOn(URL, 'createObjectURL').mockImplementation(() => `blob:${++urls}`)
  vi.spyOn(URL, 'revokeObjectURL').mockImplementation((url) => void revoked.push(url))
  const muc = fakeMuc({ clock: fakeClock() })
  stage = tabStage({
    plugins,
    onSent(node, stream) {
      const { id, to, type } = node.attrs
      const [query] = elementsOf(node)
      if (node.name !== 'iq' || !query) return muc.onSent(node, stream)
      if (type === 'result') return
      const card = `<vCard xmlns='${NS_VCARD}'><PHOTO><BINVAL>${PNG}</BINVAL></PHOTO></vCard>`
      const list = `<query xmlns='${NS_ROSTER}'><item jid='${ROMEO}' subscription='both'/></query>`
      const from = to === undefined ? '' : `from='${to}'`
      const known = query.ns === NS_VCARD ? card : query.ns === NS_ROSTER ? list : undefined
      const how = known === undefined ? 'error' : 'result'
      queueMicrotask(() => stream.deliver(`<iq type='${how}' id='${id}' ${from}>${known ?? ''}</iq>`))
    },
  })
})
afterEach(() => {
  stage.end()
  vi.restoreAllMocks()
})

describe('account.roster', () => {
  test('is asked of the worker once, by whoever looks at it first', () => {
    const calls: string[] = []
    const handle = { call: async (name: string) => void calls.push(name), on: () => () => undefined }
    const calm = rosterCalls(handle)
    expect(calls).toEqual([])

    calm.subscribe(() => undefined)
    calm.snapshot()
    calm.on('request', () => undefined)

    expect(calls).toEqual(['list'])
  })

  test('is one picture until something changes, and tells subscribers once for what comes at once', async () => {
    const { account } = await stage.tab()
    await stage.settle()
    const before = account.roster.snapshot()
    let calls = 0
    const off = account.roster.subscribe(() => {
      calls += 1
    })

    expect(account.roster.snapshot()).toBe(before)
    for (const show of ['away', 'dnd'])
      stage.upstream.stream.deliver(`<presence from='${ROMEO}/desk'><show>${show}</show></presence>`)
    await stage.settle()

    expect(account.roster.snapshot()).not.toBe(before)
    expect(before.contacts.get(ROMEO)).toMatchObject({ show: 'offline' })
    expect(account.roster.snapshot().contacts.get(ROMEO)).toMatchObject({ show: 'dnd' })
    expect(calls).toBe(1)
    off()
    stage.upstream.stream.deliver(`<presence from='${ROMEO}/desk' type='unavailable'/>`)
    await stage.settle()
    expect(calls).toBe(1)
  })

  test('has what it tells when it tells it', async () => {
    const { account } = await stage.tab()
    const shows: unknown[] = []
    account.roster.on('presence', ({ contact }) =>
      shows.push([contact.show, account.roster.snapshot().contacts.get(contact.jid)?.show]),
    )
    account.roster.on('request', ({ jid }) => shows.push(account.roster.snapshot().requests.has(jid)))
    account.roster.on('request-closed', ({ jid }) => shows.push(account.roster.snapshot().requests.has(jid)))
    await stage.settle()

    stage.upstream.stream.deliver(`<presence from='${ROMEO}/desk'/>`)
    stage.upstream.stream.deliver(`<presence from='nurse@capulet.example' type='subscribe'/>`)
    await stage.settle()
    await stage.until(account.roster.approve('nurse@capulet.example'))

    expect(shows).toEqual([['online', 'online'], true, false])
  })

  test.each([
    ['set', [1]],
    ['set', [ROMEO, { name: 1 }]],
    ['set', [ROMEO, { groups: 'Friends' }]],
    ['set', [ROMEO, { groups: [1] }]],
    ['remove', [undefined]],
    ['subscribeTo', [ROMEO, 1]],
    ['approve', [{}]],
  ] as const)('%s(%j) throws at once', async (name, args) => {
    const { account } = await stage.tab()

    expect(() => Reflect.apply(account.roster[name], undefined, args)).toThrow(TypeError)
  })
})

describe('account.avatars', () => {
  test('gives one address for one picture, of a person, a room or nobody in particular, until it detaches', async () => {
    const { account } = await stage.tab()

    const urls = await Promise.all([
      stage.until(account.avatars.url({ jid: ROMEO })),
      stage.until(account.avatars.url({ jid: ROMEO })),
      stage.until(account.avatars.url(account.room(ROOM))),
    ])

    expect(new Set(urls)).toEqual(new Set(['blob:1']))
    expect(revoked).toEqual([])
    await stage.until(account.detach())
    expect(revoked).toEqual(['blob:1'])
  })

  test('has no picture of an occupant who says there is none', async () => {
    const { account } = await stage.tab()
    const occupant = { nick: 'x', role: 'visitor', affiliation: 'none', show: 'online', hats: [], own: false } as const

    expect(await account.avatars.url({ ...occupant, ownAccount: false })).toBeUndefined()
  })

  test('a room knows its own, whether it was asked for before it was told or later', async () => {
    const { account, room } = await stage.tab()
    let calls = 0
    room.subscribe(() => {
      calls += 1
    })

    stage.upstream.stream.deliver(`<presence from='${ROOM}'>${update}</presence>`)
    stage.upstream.stream.deliver(`<presence from='hall@rooms.example'>${update}</presence>`)
    await stage.settle()

    expect(room.avatarHash).toBe(HASH)
    expect(room.snapshot().avatarHash).toBe(HASH)
    expect(calls).toBe(1)
    expect(account.room('hall@rooms.example').avatarHash).toBe(HASH)
    expect(account.room('empty@rooms.example').avatarHash).toBeUndefined()
  })

  test.each([
    ['url', [undefined]],
    ['url', [{}]],
    ['set', ['image']],
  ] as const)('%s(%j) throws at once', async (name, args) => {
    const { account } = await stage.tab()

    expect(() => Reflect.apply(account.avatars[name], undefined, args)).toThrow(TypeError)
  })
})

describe('account.profile', () => {
  test('knows what people call themselves, also in a tab that comes later', async () => {
    const { account } = await stage.tab()
    const ns = 'http://jabber.org/protocol'
    stage.upstream.stream.deliver(
      `<message from='${ROMEO}'><event xmlns='${ns}/pubsub#event'><items node='${ns}/nick'><item><nick xmlns='${ns}/nick'>Ro</nick></item></items></event></message>`,
    )
    await stage.settle()
    const { account: later } = await stage.tab()
    await stage.settle()

    expect(account.profile.nicks.get(ROMEO)).toBe('Ro')
    expect(later.profile.nicks.get(ROMEO)).toBe('Ro')
  })

  test('says of somebody without a card nothing', async () => {
    const { account } = await stage.tab()

    expect(await stage.until(account.profile.get(ACCOUNT))).toEqual({})
  })

  test.each([
    ['get', [1]],
    ['set', [undefined]],
    ['set', [{ nick: 1 }]],
  ] as const)('%s(%j) throws at once', async (name, args) => {
    const { account } = await stage.tab()

    expect(() => Reflect.apply(account.profile[name], undefined, args)).toThrow(TypeError)
  })
})
