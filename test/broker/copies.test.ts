import { describe, expect, test } from 'vitest'
import { child } from '../../src/protocol/xml.ts'
import { type BrokerStage, brokerStage, type StageTab } from '../support/fakes/broker-stage.ts'
import { ACCOUNT, NS_MUC_USER, ROOM, whispered } from '../support/fakes/room-xml.ts'

const NS_CARBONS = 'urn:xmpp:carbons:2'
const HALL = 'hall@rooms.example'

const copy = (direction: 'sent' | 'received', message: string, from = ACCOUNT): string =>
  `<message from='${from}'><${direction} xmlns='${NS_CARBONS}'><forwarded xmlns='urn:xmpp:forward:0'>${message.replace('<message ', "<message xmlns='jabber:client' ")}</forwarded></${direction}></message>`
/** What a phone of ours says to one occupant. */
const fromPhone = (body: string, room = ROOM, id = 'p1'): string =>
  `<message from='${ACCOUNT}/phone' to='${room}/romeo' type='chat' id='${id}'><body>${body}</body><x xmlns='${NS_MUC_USER}'/></message>`
const invite = (room: string): string =>
  `<message from='${room}'><x xmlns='${NS_MUC_USER}'><invite from='romeo@montague.example'/></x></message>`

const enablings = ({ upstream }: BrokerStage): number =>
  upstream.sent.filter((node) => child(node, NS_CARBONS, 'enable')).length
const whispers = (tab: StageTab) => tab.told('private-message').map(({ message }) => message)

async function stageInRoom() {
  const stage = brokerStage()
  stage.room.enter('romeo')
  const tab = await stage.inRoom('t1')
  const hear = async (xml: string): Promise<void> => {
    stage.upstream.stream.deliver(xml)
    await stage.settle()
  }
  return { stage, tab, hear }
}

describe('copies of what other devices say and get', () => {
  test('are asked for in each new session, and not where one goes on', async () => {
    const stage = brokerStage({ management: 'resumes' })
    await stage.inRoom('t1')
    expect(enablings(stage)).toBe(1)

    const again = async (): Promise<void> => {
      stage.upstream.stream.end('closed')
      await stage.settle()
      stage.clock.advance(1_000)
      await stage.settle()
    }
    await again()
    expect(enablings(stage)).toBe(1)
    stage.upstream.server.resumes = false
    await again()
    expect(enablings(stage)).toBe(2)
  })

  test('of a private message that a device has sent are shown in every tab, once, as our own', async () => {
    const { tab, stage, hear } = await stageInRoom()

    await hear(copy('sent', fromPhone('psst')))
    await hear(copy('sent', fromPhone('psst')))

    expect(whispers(tab)).toMatchObject([
      { nick: 'juliet', to: 'romeo', body: 'psst', own: true, room: ROOM, state: 'delivered' },
    ])
    expect(whispers(await stage.inRoom('t2'))).toEqual([])
    expect(tab.told('notify')).toEqual([])
  })

  test.each([1, 2])(
    'of a private message that a device has got, and we too: one, whichever comes first (%i)',
    async (which) => {
      const { tab, hear } = await stageInRoom()
      const direct = whispered('romeo', 'psst', { id: 'w1' })
      const copied = copy('received', direct.replace('/web-1', '/phone'))

      for (const each of which === 1 ? [direct, copied] : [copied, direct]) await hear(each)

      expect(whispers(tab)).toMatchObject([{ nick: 'romeo', body: 'psst', own: false }])
    },
  )

  test.each([
    ['the sender is', 'romeo@montague.example'],
    ['the sender is a device of ours, and not the account,', `${ACCOUNT}/phone`],
    ['the sender is our server', 'capulet.example'],
    ['the sender is an occupant', `${ROOM}/romeo`],
  ])('are not believed where %s (%s)', async (_who, from) => {
    const { tab, hear } = await stageInRoom()

    await hear(copy('sent', fromPhone('forged'), from))
    await hear(copy('received', whispered('romeo', 'forged', { id: 'w1' }), from))
    await hear(copy('received', invite(HALL), from))

    expect([...whispers(tab), ...tab.told('invite')]).toEqual([])
  })

  test('of rooms where we are not are nothing to us', async () => {
    const { tab, hear } = await stageInRoom()

    await hear(copy('sent', fromPhone('psst', HALL)))
    await hear(copy('received', whispered('romeo', 'psst', { room: HALL, id: 'w1' })))

    expect(whispers(tab)).toEqual([])
  })

  test('of what rooms say to everybody do not count: each device is told that itself', async () => {
    const { tab, hear } = await stageInRoom()
    const said = whispered('romeo', 'loud', { id: 'w1' }).replace("type='chat'", "type='groupchat'")

    await hear(copy('received', said))
    await hear(copy('received', said.replace('groupchat', 'error')))

    expect([...whispers(tab), ...tab.told('message')]).toEqual([])
  })

  test('of an invitation are that invitation', async () => {
    const { tab, hear } = await stageInRoom()

    await hear(copy('received', invite(HALL)))
    await hear(invite(HALL))

    expect(tab.told('invite')).toMatchObject([{ invite: { room: HALL, from: 'romeo@montague.example' } }])
  })
})

test.each([
  [true, 0],
  [false, 1],
])('copies that come by the sign-in already (%s) are asked for %i times', async (inline, times) => {
  const stage = brokerStage()
  stage.upstream.server.inline = inline

  await stage.attach('t1').signIn()

  expect(stage.upstream.sent.filter((sent) => child(sent, NS_CARBONS, 'enable'))).toHaveLength(times)
})
