import { describe, expect, test } from 'vitest'
import { ROOM_QUESTIONS } from '../../src/broker/room-questions.ts'
import type { Calls } from '../../src/contract/api.ts'
import type { Form } from '../../src/contract/room-questions.ts'
import { readForm } from '../../src/protocol/xep-0004-forms.ts'
import { child, type XmlNode } from '../../src/protocol/xml.ts'
import { type BrokerStageOptions, brokerStage, type StageTab } from '../support/fakes/broker-stage.ts'
import { gone, NS_MUC, notice, ROOM } from '../support/fakes/room-xml.ts'
import { slowStore } from '../support/fakes/slow-store.ts'
import { stanza } from '../support/fakes/xml.ts'

type Question = Calls['askRoom']['args'] extends infer Q
  ? Q extends { room: string }
    ? Omit<Q, 'room'>
    : never
  : never

async function inGarden(options?: BrokerStageOptions) {
  const stage = brokerStage(options)
  stage.room.enter('romeo', { jid: 'romeo@montague.example/x' })
  const tab = await stage.inRoom('t1')
  const asked = (what: Question, who: StageTab = tab) =>
    who.call('askRoom', { room: ROOM, ...what } as Calls['askRoom']['args'])
  /** Requests to the room itself, since it was entered. */
  const requests = (): readonly XmlNode[] => stage.room.requests.filter(({ attrs }) => attrs['to'] === ROOM).slice(1)
  return { stage, tab, asked, requests }
}
const VALUES = { 'muc#roomconfig_roomname': 'The garden' }
const isSet = ({ attrs }: XmlNode): boolean => attrs['type'] === 'set'
const formSent = (request: XmlNode | undefined): Form | undefined => {
  const query = request && child(request, 'http://jabber.org/protocol/muc#owner', 'query')
  return query && readForm(query)
}

describe('a question to a room', () => {
  test('of roles changes what an occupant may do, and everybody sees it', async () => {
    const { tab, asked } = await inGarden()

    expect(await asked({ name: 'setRole', args: { nick: 'romeo', role: 'visitor' } })).toMatchObject({ value: null })
    expect(tab.told('occupant-changed')).toMatchObject([{ occupant: { nick: 'romeo', role: 'visitor' } }])
  })

  test('of affiliations bans, and the tab hears who did it', async () => {
    const { tab, asked } = await inGarden()
    const args = { jid: 'romeo@montague.example', affiliation: 'outcast', reason: 'brawling' } as const

    expect(await asked({ name: 'setAffiliation', args })).toMatchObject({ ok: true })
    expect(tab.told('occupant-left')).toMatchObject([{ nick: 'romeo', how: 'banned', actor: 'juliet' }])
  })

  test('for a list gives those on it', async () => {
    const { asked } = await inGarden()
    await asked({ name: 'setAffiliation', args: { jid: 'nurse@capulet.example', affiliation: 'admin' } })

    expect(await asked({ name: 'list', args: { affiliation: 'admin' } })).toMatchObject({
      value: [{ jid: 'nurse@capulet.example', affiliation: 'admin' }],
    })
    expect(await asked({ name: 'list', args: { affiliation: 'outcast' } })).toMatchObject({ value: [] })
  })

  test('for its form gives the form, and what is changed in it alone is changed', async () => {
    const { stage, asked } = await inGarden()
    const reply = await asked({ name: 'configuration', args: null })
    const form = reply.ok ? (reply.value as Form) : undefined
    expect(form?.title).toBe('Configuration')

    await asked({ name: 'configure', args: { ...(form && { form }), values: VALUES } })

    expect([...stage.room.form]).toEqual([
      ['muc#roomconfig_roomname', 'The garden'],
      ['muc#roomconfig_membersonly', '0'],
    ])
  })

  test('to be configured with nothing takes the defaults', async () => {
    const { asked, requests } = await inGarden()

    expect(await asked({ name: 'configure', args: {} })).toMatchObject({ ok: true })
    expect(formSent(requests().find(isSet))).toEqual({ type: 'submit', fields: [] })
  })

  test('not to be configured after all ends it: not every server makes anything of a form that is cancelled', async () => {
    const { asked, requests } = await inGarden()

    expect(await asked({ name: 'cancelConfiguration', args: null })).toMatchObject({ ok: true })
    const [query] = requests()
      .filter(isSet)
      .flatMap(({ children }) => children)
    expect(query).toEqual(stanza("<query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query>"))
  })

  test('to be configured with values alone names what they are for', async () => {
    const { asked, requests } = await inGarden()

    await asked({ name: 'configure', args: { values: VALUES } })

    expect(formSent(requests().find(isSet))?.fields.map(({ name, values }) => [name, ...values])).toEqual([
      ['FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig'],
      ['muc#roomconfig_roomname', 'The garden'],
    ])
  })

  test('to be destroyed ends it for every tab, with where it goes on', async () => {
    const { tab, asked } = await inGarden()

    await asked({ name: 'destroy', args: { alternate: 'hall@rooms.example', reason: 'winter' } })

    expect(tab.told('destroyed')).toMatchObject([{ alternate: 'hall@rooms.example' }])
  })

  test('does not overtake what the account was about to send there, which may wait for the store', async () => {
    const slow = slowStore()
    const { stage, asked } = await inGarden({ store: slow.store })
    const since = stage.upstream.sent.length
    slow.hold()
    stage.room.say('romeo', 'hark')
    stage.room.tell(notice([172])) // who may see JIDs changes: the list is asked for again
    await stage.settle()

    const ended = asked({ name: 'destroy', args: {} })
    await stage.settle()
    slow.release()

    expect(await ended).toMatchObject({ ok: true })
    const out = stage.upstream.sent.slice(since).flatMap((node) => {
      if (child(node, NS_MUC, 'x')) return ['list']
      return node.name === 'iq' && isSet(node) ? ['destroy'] : []
    })
    expect(out).toEqual(['list', 'destroy'])
  })

  test('for its registration gives the form first, then that and as whom we are registered', async () => {
    const { asked } = await inGarden()
    const before = await asked({ name: 'registration', args: null })
    expect(before).toMatchObject({ value: { registered: false, form: { fields: [{ required: true }] } } })
    const { form } = before.ok ? (before.value as { form: Form }) : { form: { type: '', fields: [] } }

    await asked({ name: 'register', args: { form, values: { 'muc#register_roomnick': 'jules' } } })

    expect(await asked({ name: 'registration', args: null })).toMatchObject({
      value: { registered: true, nick: 'jules' },
    })
    expect(await asked({ name: 'reservedNick', args: null })).toMatchObject({ value: 'jules' })
  })

  test.each(['item-not-found', 'feature-not-implemented', 'service-unavailable', undefined])(
    'for the nick that it keeps for us, answered with %s, means that there is none',
    async (condition) => {
      const { stage, asked } = await inGarden()
      stage.room.refuseRequest = () => condition

      expect(await asked({ name: 'reservedNick', args: null })).toMatchObject({ ok: true, value: null })
    },
  )
})

describe('a question that has no answer', () => {
  test.each([
    ['forbidden', 'forbidden'],
    ['not-allowed', 'forbidden'],
    ['conflict', 'stanza-error'],
  ])('because of %s fails with %s for the tab that asked alone', async (condition, code) => {
    const { stage, asked } = await inGarden()
    const other = await stage.inRoom('t2')
    stage.room.refuseRequest = () => condition
    const seen = other.events.length

    const reply = await asked({ name: 'setRole', args: { nick: 'romeo', role: 'none' } })

    expect(reply).toMatchObject({ ok: false, error: { code, condition } })
    expect(other.events.length).toBe(seen)
  })

  test('in time fails with timeout', async () => {
    const { stage, tab } = await inGarden()
    stage.room.deaf = true
    const waiting = tab.attached.api.call('askRoom', { room: ROOM, name: 'configuration', args: null })
    await stage.settle()

    stage.clock.advance(20_000)
    await stage.settle()

    expect(await waiting).toMatchObject({ ok: false, error: { code: 'timeout' } })
  })

  test('that can be read fails, rather than to give what it is not', () => {
    const empty = stanza("<iq type='result' id='1'/>")

    expect([ROOM_QUESTIONS.configuration.read(empty), ROOM_QUESTIONS.registration.read(empty)]).toEqual([
      undefined,
      undefined,
    ])
  })

  test('because this worker does not know it fails with outdated', async () => {
    const { asked } = await inGarden()

    expect(await asked({ name: 'weather', args: null } as never)).toMatchObject({ error: { code: 'outdated' } })
  })
})

describe('the same question', () => {
  test('of two tabs at once is sent once, and both are answered', async () => {
    const { stage, tab, requests } = await inGarden()
    const other = await stage.inRoom('t2')
    const before = requests().length

    const replies = [tab, other].map((each) =>
      each.attached.api.call('askRoom', { room: ROOM, name: 'configuration', args: null }),
    )
    await stage.settle()

    expect(requests().length - before).toBe(1)
    expect((await Promise.all(replies)).map(({ ok }) => ok)).toEqual([true, true])
  })

  test('of a tab that is gone meanwhile is answered to the other', async () => {
    const { stage, tab } = await inGarden()
    const other = await stage.inRoom('t2')
    stage.room.deaf = true
    const ask = (each: StageTab) =>
      each.attached.api.call('request', { to: ROOM, type: 'get', payload: stanza('<iq/>') })
    const [gone, waiting] = [ask(tab), ask(other)]
    await stage.settle()

    tab.attached.detach()
    await stage.settle()
    const [request] = stage.upstream.sent.slice(-1)
    stage.upstream.stream.deliver(`<iq type='result' from='${ROOM}' id='${request?.attrs['id']}'/>`)
    await stage.settle()

    expect(await gone).toMatchObject({ ok: false, error: { code: 'aborted' } })
    expect(await waiting).toMatchObject({ ok: true })
  })
})

test('a new room that is configured needs it no more: the next tab is not asked to', async () => {
  for (const configured of [true, false]) {
    const stage = brokerStage()
    const [t1, t2] = [await stage.inRoom('t1'), await stage.inRoom('t2')]
    expect([t1, t2].map((tab) => tab.told('configuration-needed').length)).toEqual([1, 0])
    if (configured) await t1.call('askRoom', { room: ROOM, name: 'configure', args: {} })

    t1.attached.detach()
    await stage.settle()

    expect(t2.told('configuration-needed')).toHaveLength(configured ? 0 : 1)
  }
})

test('a removal while a question is under way does not keep it from its answer', async () => {
  const { stage, tab } = await inGarden()
  stage.room.deaf = true
  const waiting = tab.attached.api.call('askRoom', { room: ROOM, name: 'configuration', args: null })
  await stage.settle()

  stage.upstream.stream.deliver(gone('juliet', { codes: [307, 110] }))
  stage.upstream.stream.end('closed')
  await stage.settle()

  expect(await waiting).toMatchObject({ ok: false })
})
