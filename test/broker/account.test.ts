import { describe, expect, test } from 'vitest'
import type { Show } from '../../src/protocol/room-stanza.ts'
import { childText, type XmlNode } from '../../src/protocol/xml.ts'
import { type BrokerStage, type BrokerStageOptions, brokerStage } from '../support/fakes/broker-stage.ts'
import { conference } from '../support/fakes/fake-pep.ts'
import { ACCOUNT, NS_MUC_USER, ROOM } from '../support/fakes/room-xml.ts'
import { stanza } from '../support/fakes/xml.ts'

const HALL = 'hall@rooms.example'
const ROMEO = 'romeo@montague.example'

/** Presences that went out since `from`: to whom (nobody: to all), as what. */
const presences = ({ upstream }: BrokerStage, from = 0): string[] =>
  upstream.sent
    .slice(from)
    .filter(({ name }) => name === 'presence')
    .map(
      (node) =>
        `${node.attrs['type'] ?? childText(node, 'jabber:client', 'show') ?? 'online'} ${node.attrs['to'] ?? 'all'}`,
    )

async function stageOf(tabs: number, options?: BrokerStageOptions) {
  const stage = brokerStage(options)
  const all = []
  for (let i = 1; i <= tabs; i++) all.push(await stage.inRoom(`t${i}`))
  const [t1, t2] = all
  if (!t1) throw new Error('no tab')
  return { stage, t1, t2: t2 ?? t1, sentBefore: stage.upstream.sent.length }
}

describe('the presence of the account', () => {
  const shows = (show: Show) => ({ chosen: { show, status: 'supper' } })

  test('that one tab chooses goes to all and to each room, once, and every tab hears of it', async () => {
    const { stage, t1, t2, sentBefore } = await stageOf(2)
    await t2.join({ room: HALL })
    const before = Math.max(sentBefore, stage.upstream.sent.length)

    const reply = await t1.call('setPresence', shows('dnd'))

    expect(reply).toMatchObject({ ok: true, value: { show: 'dnd', status: 'supper' } })
    expect(presences(stage, before)).toEqual(['dnd all', `dnd ${ROOM}/juliet`, `dnd ${HALL}/juliet`])
    expect(t2.told('presence').at(-1)).toEqual({ kind: 'presence', presence: { show: 'dnd', status: 'supper' } })
  })

  test('that says nothing new goes nowhere, and is answered all the same', async () => {
    const { stage, t1, t2 } = await stageOf(2)
    await t1.call('setPresence', shows('dnd'))
    const before = stage.upstream.sent.length

    expect(await t2.call('setPresence', shows('dnd'))).toMatchObject({ ok: true, value: { show: 'dnd' } })
    expect(presences(stage, before)).toEqual([])
  })

  test('is away when the person is away in every tab, and back with the first sign of them', async () => {
    const { stage, t1, t2, sentBefore } = await stageOf(2)

    await t1.call('activity', { activity: 'away' })
    expect(presences(stage, sentBefore)).toEqual([])
    await t2.call('activity', { activity: 'away' })
    expect(presences(stage, sentBefore)).toEqual(['away all', `away ${ROOM}/juliet`])
    await t1.call('activity', { activity: 'active' })

    expect(presences(stage, sentBefore).slice(2)).toEqual(['online all', `online ${ROOM}/juliet`])
  })

  test('is what the tabs say that are left when one is gone', async () => {
    const { stage, t1, t2, sentBefore } = await stageOf(2)
    await t1.call('activity', { activity: 'xa' })

    await t2.call('detach', null)
    await stage.settle()

    expect(presences(stage, sentBefore)).toEqual(['xa all', `xa ${ROOM}/juliet`])
  })

  test('that was chosen without a connection is part of the next session and of its joins', async () => {
    const { stage, t1 } = await stageOf(1)
    stage.upstream.stream.end('closed')
    await stage.settle()
    const before = stage.upstream.sent.length

    await t1.call('setPresence', shows('xa'))
    expect(presences(stage, before)).toEqual([])
    stage.clock.advance(1_000)
    await stage.settle()

    expect(presences(stage, before)).toEqual(['xa all', `xa ${ROOM}/juliet`])
  })
})

describe('an invitation', () => {
  const mediated = (room = HALL, inside = ''): string =>
    `<message from='${room}'><x xmlns='${NS_MUC_USER}'><invite from='${ROMEO}'><reason>come</reason></invite>${inside}</x></message>`
  const direct = (room = HALL): string =>
    `<message from='${ROMEO}/x'><x xmlns='jabber:x:conference' jid='${room}' reason='come'/></message>`
  const invited = async (...xml: readonly string[]) => {
    const made = await stageOf(2)
    for (const each of xml) made.stage.upstream.stream.deliver(each)
    await made.stage.settle()
    return { ...made, before: made.stage.upstream.sent.length }
  }
  const messagesTo = ({ upstream }: BrokerStage, from: number): XmlNode[] =>
    upstream.sent.slice(from).filter(({ name }) => name === 'message')

  test('is one to each tab, by however many ways it comes', async () => {
    const { t1, t2 } = await invited(mediated(), direct(), mediated())

    for (const tab of [t1, t2]) {
      expect(tab.told('invite')).toEqual([
        { kind: 'invite', invite: { room: HALL, from: ROMEO, reason: 'come', mediated: true } },
      ])
    }
  })

  test('is told to a tab that attaches later, as long as it is open', async () => {
    const { stage } = await invited(direct())

    const late = stage.attach('late')
    await stage.settle()

    expect(late.told('invite')).toMatchObject([{ invite: { room: HALL, mediated: false } }])
  })

  test('to a room where we are is none', async () => {
    expect((await invited(mediated(ROOM), direct(ROOM))).t1.told('invite')).toEqual([])
  })

  test('that is accepted in one tab, by joining, is gone in the other', async () => {
    const { t1, t2 } = await invited(mediated())

    await t1.join({ room: HALL })

    expect(t2.told('invite-closed')).toEqual([{ kind: 'invite-closed', room: HALL }])
  })

  test('brings the password along', async () => {
    const { stage, t1 } = await invited(mediated(HALL, '<password>sesame</password>'))
    stage.muc.room(HALL).refuse = (_nick, password) => (password === 'sesame' ? undefined : 'not-authorized')

    expect(await t1.join({ room: HALL })).toMatchObject({ ok: true })
  })

  test('that is refused is refused through the room, once, and gone in every tab', async () => {
    const { stage, t1, t2, before } = await invited(mediated())

    await t1.call('declineInvite', { room: HALL, reason: 'supper' })
    await t2.call('declineInvite', { room: HALL })

    const [decline, ...others] = messagesTo(stage, before)
    expect(decline).toMatchObject({ attrs: { to: HALL } })
    expect(JSON.stringify(decline)).toContain('supper')
    expect(others).toEqual([])
    for (const tab of [t1, t2]) expect(tab.told('invite-closed')).toHaveLength(1)
  })

  test('that came directly has nobody to be told of a refusal', async () => {
    const { stage, t1, before } = await invited(direct())

    await t1.call('declineInvite', { room: HALL })

    expect(messagesTo(stage, before)).toEqual([])
    expect(t1.told('invite-closed')).toHaveLength(1)
  })

  test('of ours that somebody refuses is told, where the room says so', async () => {
    const refusal = (from: string): string =>
      `<message from='${from}'><x xmlns='${NS_MUC_USER}'><decline from='${ROMEO}'><reason>no</reason></decline></x></message>`

    const { t1 } = await invited(refusal(ROOM), refusal(`${HALL}/romeo`))

    expect(t1.told('invite-declined')).toEqual([{ kind: 'invite-declined', room: ROOM, from: ROMEO, reason: 'no' }])
  })
})

describe('a bookmark', () => {
  const signedIn = async (options?: BrokerStageOptions, prepare?: (stage: BrokerStage) => void) => {
    const stage = brokerStage(options)
    prepare?.(stage)
    const [t1, t2] = [stage.attach('t1'), stage.attach('t2')]
    await t1.signIn()
    await t2.signIn()
    return { stage, t1, t2 }
  }
  const autojoined = () => signedIn({}, ({ pep }) => pep.set(ROOM, conference("autojoin='1'", '<nick>jules</nick>')))
  const nicksIn = ({ room }: BrokerStage): readonly string[] => room.nicks
  const published = ({ pep }: BrokerStage): readonly string[] => pep.changes

  test('with autojoin brings the account in without any tab, under its nick', async () => {
    const { stage, t1 } = await autojoined()

    expect(nicksIn(stage)).toEqual(['jules'])
    expect(t1.told('membership')).toMatchObject([{ room: ROOM, change: 'joined', by: 'bookmark' }])
    expect(t1.told('room-joined')).toEqual([])
  })

  test('without a nick of its own takes the name of the account', async () => {
    const { stage } = await signedIn({}, ({ pep }) => pep.set(ROOM))

    expect(nicksIn(stage)).toEqual(['juliet'])
  })

  test('keeps the account in when the last tab leaves', async () => {
    const { stage, t1 } = await autojoined()
    await t1.join()

    await t1.leave()
    await stage.settle()

    expect(nicksIn(stage)).toEqual(['jules'])
    expect(t1.told('left')).toHaveLength(1)
  })

  test('that a tab sets is published once, and asks nothing more when its echo comes', async () => {
    const { stage, t1, t2 } = await signedIn()

    const reply = await t1.call('setBookmark', { room: ROOM, autojoin: true, nick: 'jules' })

    expect(reply).toMatchObject({ ok: true })
    expect(published(stage)).toEqual([`publish ${ROOM}`])
    expect(nicksIn(stage)).toEqual(['jules'])
    expect(t2.told('bookmark')).toEqual([
      { kind: 'bookmark', room: ROOM, bookmark: { room: ROOM, nick: 'jules', autojoin: true } },
    ])
    expect(await t2.call('bookmarks', null)).toMatchObject({ value: [{ room: ROOM }] })
  })

  test('that a tab changes keeps what other clients have put there', async () => {
    const extensions = "<extensions><notify xmlns='urn:x'/></extensions>"
    const { stage, t1 } = await signedIn({}, ({ pep }) => pep.set(HALL, conference("autojoin='0'", extensions)))

    await t1.call('setBookmark', { room: HALL, autojoin: false, name: 'The hall' })

    expect(stage.pep.items.get(HALL)).toMatch(/name="The hall".*<notify xmlns="urn:x"\/>/)
  })

  test.each<[string, (stage: BrokerStage) => void]>([
    ['takes its autojoin away', ({ pep }) => pep.set(ROOM, conference("autojoin='false'"))],
    ['removes it', ({ pep }) => pep.remove(ROOM)],
    ['removes all', ({ pep }) => pep.purge()],
  ])('of which another device %s: the account leaves, in every tab', async (_what, change) => {
    const { stage, t1, t2 } = await autojoined()
    for (const tab of [t1, t2]) await tab.join()

    change(stage)
    await stage.settle()

    expect(nicksIn(stage)).toEqual([])
    for (const tab of [t1, t2]) expect(tab.told('left')).toMatchObject([{ everywhere: true }])
    expect(published(stage)).toEqual([])
  })

  test('that was never there is no reason to leave a room', async () => {
    const { stage, t1 } = await autojoined()
    await t1.join({ room: HALL })

    stage.pep.purge()
    await stage.settle()

    expect(stage.muc.room(HALL).nicks).toEqual(['juliet'])
  })

  test('that somebody else tells of is forged', async () => {
    const { stage, t1 } = await signedIn()

    stage.upstream.stream.deliver(
      `<message from='${ROMEO}' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:xmpp:bookmarks:1'><item id='${ROOM}'>${conference()}</item></items></event></message>`,
    )
    await stage.settle()

    expect([nicksIn(stage), t1.told('bookmark')]).toEqual([[], []])
  })

  test('of a server that cannot say is not the same as none', async () => {
    const { stage, t1 } = await autojoined()
    stage.pep.service = 'broken'
    stage.upstream.stream.end('closed')
    await stage.settle()
    stage.clock.advance(1_000)
    await stage.settle()

    expect(nicksIn(stage)).toEqual(['jules'])
    expect(await t1.call('bookmarks', null)).toMatchObject({ value: [{ room: ROOM }] })
  })

  test.each(['none', 'broken'] as const)('cannot be listed where the server is %s', async (bookmarks) => {
    const { t1 } = await signedIn({ bookmarks })

    expect(await t1.call('bookmarks', null)).toMatchObject({ ok: false, error: { code: 'offline' } })
    expect(await t1.call('setBookmark', { room: ROOM, autojoin: false })).toMatchObject({
      ok: false,
      error: { code: 'stanza-error' },
    })
  })

  test('in the storage of old is read again when another client has written it', async () => {
    const { stage, t1 } = await signedIn({ bookmarks: 'private' })
    const { stream } = stage.upstream
    stage.pep.onSent(
      stanza(
        `<iq type='set' id='phone'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'><conference jid='${ROOM}' autojoin='1'/></storage></query></iq>`,
      ),
      stream,
    )
    await stage.settle()

    stream.deliver(
      `<message from='${ACCOUNT}' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='storage:bookmarks'/></event></message>`,
    )
    await stage.settle()

    expect(nicksIn(stage)).toEqual(['juliet'])
    expect(t1.told('bookmark')).toMatchObject([{ room: ROOM }])
  })

  test('of a room that a tab leaves everywhere loses its autojoin, for all devices', async () => {
    const { stage, t1 } = await autojoined()
    await t1.join()

    await t1.leave({ everywhere: true })
    await stage.settle()

    expect(stage.pep.items.get(ROOM)).toContain('autojoin="false"')
    expect(nicksIn(stage)).toEqual([])
  })

  test('of a room that bans us loses its autojoin; of one that kicks us it does not, but does not bring us back', async () => {
    for (const [code, autojoin] of [
      [301, 'autojoin="false"'],
      [307, "autojoin='1'"],
    ] as const) {
      const { stage } = await autojoined()

      stage.room.exit('jules', { codes: [code] })
      await stage.settle()
      expect(stage.pep.items.get(ROOM)).toContain(autojoin)
      if (code === 307) stage.pep.set(ROOM, conference("autojoin='1' name='The garden'"))
      await stage.settle()

      expect(nicksIn(stage)).toEqual([])
    }
  })

  test('of a room that kicked us brings us back once a tab has joined it again', async () => {
    const { stage, t1 } = await autojoined()
    stage.room.exit('jules', { codes: [307] })
    await stage.settle()

    await t1.join()
    stage.pep.set(ROOM, conference("autojoin='1' name='The garden'"))
    await stage.settle()
    await t1.leave()
    await stage.settle()

    expect(nicksIn(stage)).toEqual(['juliet'])
  })
})
