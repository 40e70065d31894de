import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Room } from '../../src/tab/room.ts'
import { ROOM } from '../support/fakes/room-xml.ts'
import { type TabStage, tabStage } from '../support/fakes/tab-pair.ts'

let stage: TabStage
beforeEach(() => {
  stage = tabStage()
  stage.room.enter('romeo', { jid: 'romeo@montague.example/x' })
})
afterEach(() => stage.end())

describe('an argument that makes no sense', () => {
  test.each<[string, (room: Room) => unknown]>([
    ['setNick', (room) => room.setNick(7 as never)],
    ['setSubject', (room) => room.setSubject(undefined as never)],
    ['sendPrivate', (room) => room.sendPrivate('romeo', '')],
    ['setRole', (room) => room.setRole('romeo', 'king' as never)],
    ['setAffiliation', (room) => room.setAffiliation('a@b', 'king' as never)],
    ['kick', (room) => room.kick('romeo', 7 as never)],
    ['list', (room) => room.list({ role: 'king' as never })],
    ['list', (room) => room.list(null as never)],
    ['invite', (room) => room.invite(7 as never)],
    ['answerVoiceRequest', (room) => room.answerVoiceRequest({ nick: 'romeo', role: 'participant' }, 'yes' as never)],
    ['configure', (room) => room.configure('yes' as never)],
    ['destroy', (room) => room.destroy({ password: 7 as never })],
    ['register', (room) => room.register({} as never, {})],
  ])('of %s throws TypeError at once', async (_what, call) => {
    const { room } = await stage.tab()

    expect(() => call(room)).toThrow(TypeError)
  })

  test.each<[string, (room: Room) => unknown]>([
    ['setNick', (room) => room.setNick(' ')],
    ['sendPrivate', (room) => room.sendPrivate('\u0000', 'psst')],
    ['setAffiliation', (room) => room.setAffiliation('romeo@montague.example/x', 'member')],
    ['invite', (room) => room.invite('@')],
    ['ban', (room) => room.ban('a nick that nobody has')],
    ['destroy', (room) => room.destroy({ alternate: `${ROOM}/romeo` })],
  ])('as the address of %s throws jid-malformed at once', async (_what, call) => {
    const { room } = await stage.tab()

    expect(() => call(room)).toThrow(expect.objectContaining({ code: 'jid-malformed' }))
  })
})

describe('a nick', () => {
  test('that one tab takes is that of every tab, told once', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    await stage.until(t1.room.setNick('rose'))

    for (const tab of [t1, t2]) {
      expect([tab.room.nick, tab.room.self?.nick]).toEqual(['rose', 'rose'])
      expect(tab.all('nick-changed')).toMatchObject([{ own: true, before: { nick: 'juliet' }, synthetic: false }])
    }
  })

  test('that somebody has fails for the tab that asked alone', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    expect(await stage.failure(t1.room.setNick('romeo'))).toMatchObject({
      code: 'room-nick-conflict',
      nick: 'romeo',
      condition: 'conflict',
    })
    expect([t1.room.nick, t2.all('nick-changed')]).toEqual(['juliet', []])
  })

  test('taken over by a join of a tab that is in already: it is told, and stays in', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    const result = await stage.until(t2.room.join({ nick: 'rose', takeover: true }))

    expect(result).toMatchObject({ nick: 'rose', nickAssigned: false })
    expect([t1.room.nick, t2.room.nick]).toEqual(['rose', 'rose'])
    expect(t2.heard.map(({ name }) => name)).toEqual(t1.heard.map(({ name }) => name))
  })
})

describe('what is said to one occupant alone', () => {
  test('is told to every tab, and only its writer knows it as its own', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    const sent = await stage.until(t1.room.sendPrivate('romeo', 'psst'))

    expect(sent).toMatchObject({ to: 'romeo', nick: 'juliet', body: 'psst', own: true, fromThisTab: true })
    expect(stage.room.whispers).toEqual([{ to: 'romeo', body: 'psst' }])
    for (const [tab, fromThisTab] of [
      [t1, true],
      [t2, false],
    ] as const) {
      expect(tab.all('private-message')).toMatchObject([{ body: 'psst', fromThisTab }])
      expect(tab.all('message')).toEqual([])
    }
  })

  test('to nobody fails, and no tab has it', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    expect(await stage.failure(t1.room.sendPrivate('mercutio', 'psst'))).toMatchObject({
      code: 'stanza-error',
      condition: 'item-not-found',
    })
    expect([...t1.all('private-message'), ...t2.all('private-message')]).toEqual([])
  })

  test('comes from an occupant to every tab', async () => {
    const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

    stage.room.whisper('romeo', 'psst')
    await stage.settle()

    for (const tab of [t1, t2])
      expect(tab.all('private-message')).toMatchObject([{ nick: 'romeo', to: 'juliet', own: false }])
  })
})

describe('a moderator', () => {
  test('kicks by nick, and bans by nick where the room shows who it is', async () => {
    const { room, all } = await stage.tabInRoom()
    stage.room.enter('nurse', { jid: 'nurse@capulet.example/kitchen' })
    await stage.settle()

    await stage.until(room.kick('romeo', 'brawling'))
    await stage.until(room.ban('nurse'))

    expect(all('occupant-left').map(({ occupant, kind }) => [occupant.nick, kind])).toEqual([
      ['romeo', 'kicked'],
      ['nurse', 'banned'],
    ])
    expect([...stage.room.affiliations]).toEqual([['nurse@capulet.example', 'outcast']])
    expect(await stage.until(room.list({ affiliation: 'outcast' }))).toEqual([
      { jid: 'nurse@capulet.example', affiliation: 'outcast' },
    ])
  })

  test('is asked for voice, and answers in words that the room understands', async () => {
    const { room, all } = await stage.tabInRoom()
    stage.room.tell(
      `<message from='${ROOM}'><x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field><field var='muc#roomnick'><value>romeo</value></field></x></message>`,
    )
    await stage.settle()
    const [request] = all('voice-request')
    if (!request) throw new Error('no request')

    await stage.until(room.answerVoiceRequest(request, true))

    expect(JSON.stringify(stage.room.posts)).toMatch(/muc#roomnick.*romeo.*muc#request_allow.*true/)
  })
})

describe('a new room', () => {
  const fresh = async () => {
    stage.room.exit('romeo')
    stage.end()
    stage = tabStage()
    return [await stage.tabInRoom(), await stage.tabInRoom()] as const
  }

  test('needs its configuration from the tab that made it, until that has given it', async () => {
    const [t1, t2] = await fresh()
    expect([t1, t2].map(({ room }) => room.snapshot().needsConfiguration)).toEqual([true, false])

    const form = await stage.until(t1.room.configuration())
    await stage.until(t1.room.configure(form, { 'muc#roomconfig_roomname': 'The garden' }))
    await stage.settle()

    expect(t1.room.snapshot().needsConfiguration).toBe(false)
    expect(t2.all('config').at(-1)?.config?.name).toBe('The garden')
    expect(t2.room.config?.name).toBe('The garden')
  })

  test('that its maker leaves unconfigured is the next tab’s to configure', async () => {
    const [t1, t2] = await fresh()

    t1.die()
    await stage.settle()

    expect(t2.all('configuration-needed')).toHaveLength(1)
    expect(t2.room.snapshot().needsConfiguration).toBe(true)
  })
})

test('a subject that one tab sets is that of every tab, and of one that comes later', async () => {
  const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

  await stage.until(t1.room.setSubject('Verona'))
  const late = await stage.tabInRoom()

  for (const tab of [t1, t2, late]) expect(tab.room.subject).toMatchObject({ text: 'Verona', nick: 'juliet' })
  expect(late.room.subject.stampMs).toBe(t1.room.subject.stampMs)
})

test('an invitation goes through the room, and is done when the room has not refused it', async () => {
  const { room } = await stage.tabInRoom()

  await stage.until(room.invite('Nurse@Capulet.example', 'come'))

  expect(JSON.stringify(stage.room.posts)).toMatch(/invite.*nurse@capulet\.example.*come/)
  stage.room.refuseRequest = ({ name }) => (name === 'message' ? 'not-allowed' : undefined)
  expect(await stage.failure(room.invite('nurse@capulet.example'))).toMatchObject({ condition: 'not-allowed' })
})

test('a registration gives the nick that the room keeps', async () => {
  const { room } = await stage.tabInRoom()
  expect(await stage.until(room.reservedNick())).toBeUndefined()

  const { form, registered } = await stage.until(room.registration())
  await stage.until(room.register(form, { 'muc#register_roomnick': 'rose' }))

  expect([registered, await stage.until(room.reservedNick())]).toEqual([false, 'rose'])
})

test('a destroyed room is destroyed in every tab, with where it goes on', async () => {
  const [t1, t2] = [await stage.tabInRoom(), await stage.tabInRoom()]

  await stage.until(t1.room.destroy({ alternate: 'hall@rooms.example' }))
  await stage.settle()

  for (const tab of [t1, t2]) {
    expect(tab.all('destroyed')).toMatchObject([{ alternate: 'hall@rooms.example' }])
    expect(tab.room.state).toBe('destroyed')
  }
})
