import { describe, expect, test } from 'vitest'
import { inRoom, joining, kinds, machine, only, toldTo } from '../support/fakes/room-machine.ts'
import { present, ROOM, said, subject, told } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

describe('a message of somebody', () => {
  test('is stored and then told to every tab, with one place and one id', () => {
    const m = inRoom({ tabs: ['t1', 't2'] })

    const effects = m.hear(
      said('romeo', 'But soft', { id: 'i1', originId: 'i1', archiveId: 'a1', occupantId: 'o-romeo' }),
    )

    expect(kinds(effects)).toEqual(['append', 'tell', 'displayed'])
    const [append] = only(effects, 'append')
    expect(append?.message).toEqual({
      id: 'a1',
      originId: 'i1',
      room: ROOM,
      nick: 'romeo',
      occupantId: 'o-romeo',
      body: 'But soft',
      stampMs: m.world.nowMs,
      own: false,
      state: 'delivered',
      reactions: [],
      mentionsMe: false,
      stanza: stanza(said('romeo', 'But soft', { id: 'i1', originId: 'i1', archiveId: 'a1', occupantId: 'o-romeo' })),
      order: 0,
      archived: true,
    })
    expect(toldTo(effects, 't1')).toEqual([{ kind: 'message', message: append?.message }])
    expect(toldTo(effects, 't2')).toEqual(toldTo(effects, 't1'))
  })

  test('is stored though no tab listens', () => {
    const m = inRoom()
    m.step({ on: 'tab-gone', tab: 't1' })

    expect(kinds(m.hear(said('romeo', 'hark', { archiveId: 'a1' })))).toContain('append')
  })

  test('that the room sends twice is one', () => {
    const m = inRoom()
    m.hear(said('romeo', 'hark', { archiveId: 'a1' }))

    expect(m.hear(said('romeo', 'hark', { archiveId: 'a1' }))).toEqual([])
  })

  test('is another one under another archive id, whatever else is the same', () => {
    const m = inRoom()
    m.hear(said('romeo', 'hark', { id: 'i', archiveId: 'a1' }))

    expect(only(m.hear(said('romeo', 'hark', { id: 'i', archiveId: 'a2' })), 'append')).toHaveLength(1)
  })

  test('without an archive id is known by sender, id and text', () => {
    const m = inRoom()
    m.hear(said('romeo', 'hark', { id: 'i1' }))

    expect(m.hear(said('romeo', 'hark', { id: 'i1' }))).toEqual([])
    expect(only(m.hear(said('romeo', 'hark', { id: 'i2' })), 'append')).toHaveLength(1)
  })

  test('without an archive id gets one of ours, and is in no archive of the room', () => {
    const [append] = only(inRoom().hear(said('romeo', 'hark', { id: 'i1' })), 'append')

    expect(append?.message).toMatchObject({ id: 'new-2', originId: 'i1', archived: false })
  })

  test('twice, and nothing tells the two apart: both are live, so somebody said it twice', () => {
    const effects = inRoom().hear(said('romeo', 'aye'), said('romeo', 'aye'))

    expect(only(effects, 'append')).toHaveLength(2)
  })

  test('without a text is not part of the archive', () => {
    expect(
      inRoom().hear(said('romeo', undefined, { archiveId: 'a1' }), said('romeo', '', { archiveId: 'a2' })),
    ).toEqual([])
  })

  test('names us: the tabs are told so', () => {
    const m = inRoom()

    const flags = ['juliet: hark', 'julietta: hark'].map(
      (body) => only(m.hear(said('romeo', body)), 'append')[0]?.message.mentionsMe,
    )

    expect(flags).toEqual([true, false])
  })

  test('of ours never names us', () => {
    expect(only(inRoom().hear(said('juliet', 'juliet!')), 'append')[0]?.message).toMatchObject({
      own: true,
      mentionsMe: false,
    })
  })

  test('carries the JID where the room shows it', () => {
    const m = inRoom()
    m.hear(present('romeo', { jid: 'romeo@montague.example/x' }))

    expect(only(m.hear(said('romeo', 'hark')), 'append')[0]?.message.jid).toBe('romeo@montague.example/x')
  })

  test('carries no occupant id in a room that does not list the feature: anybody could have written it', () => {
    const m = inRoom()
    m.step({ on: 'disco', features: new Set(['http://jabber.org/protocol/muc']) })

    expect(only(m.hear(said('romeo', 'hark', { occupantId: 'forged' })), 'append')[0]?.message).not.toHaveProperty(
      'occupantId',
    )
  })

  test('by the room itself has no nick and is not ours', () => {
    expect(only(inRoom().hear(said(undefined, 'This room is logged')), 'append')[0]?.message).toMatchObject({
      nick: '',
      own: false,
    })
  })

  test('held back by the own server is live: it has the time at which we heard of it', () => {
    const m = inRoom()
    const delay = { from: 'juliet@capulet.example', stamp: '2029-12-31T12:00:00Z' }

    expect(only(m.hear(said('romeo', 'hark', { delay })), 'append')[0]?.message.stampMs).toBe(m.world.nowMs)
  })

  test.each([
    ['before the join is complete by somebody who is not there yet', joining],
    ['when the account is out', machine],
  ])('%s is told to nobody', (_what, make) => {
    expect(toldTo(make().hear(said('romeo', 'hark')), 't1')).toEqual([])
  })

  test.each(['__proto__', 'constructor'])('can come from %s', (nick) => {
    expect(only(inRoom().hear(said(nick, 'hark')), 'append')[0]?.message.nick).toBe(nick)
  })
})

test('our own message in the history of a join is ours, and of no tab', () => {
  const m = joining()
  m.hear(present('juliet', { codes: [110] }), told('juliet', 'yesterday', 'a1'))

  const [append] = only(m.hear(subject('')), 'append')

  expect(append?.message).toMatchObject({ own: true, state: 'delivered' })
  expect(append?.message).not.toHaveProperty('tab')
})
