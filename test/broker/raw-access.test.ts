import { describe, expect, test } from 'vitest'
import { brokerStage, type StageTab } from '../support/fakes/broker-stage.ts'
import { ACCOUNT, ROOM } from '../support/fakes/room-xml.ts'

const PING = "<ping xmlns='urn:xmpp:ping'/>"

async function listening() {
  const stage = brokerStage()
  const tab = await stage.inRoom('t1')
  const other = await stage.inRoom('t2')
  await tab.call('listen', { stanzas: true })
  const names = (of: StageTab) => of.told('stanza').map(({ stanza, handled }) => [stanza.name, handled])
  const hear = async (xml: string): Promise<void> => {
    stage.upstream.stream.deliver(xml)
    await stage.settle()
  }
  return { stage, tab, other, names, hear }
}

describe('a tab that listens', () => {
  test('gets messages, known or not, and a tab that does not listen gets none', async () => {
    const { tab, other, names, hear } = await listening()

    await hear(`<message from='${ROOM}/romeo' type='groupchat'><body>hello</body></message>`)
    await hear("<message from='romeo@montague.example'><x xmlns='urn:example:strange'/></message>")

    expect(names(tab)).toEqual([
      ['message', true],
      ['message', false],
    ])
    expect(names(other)).toEqual([])
  })

  test('gets requests that nobody here knows, and not those that are answered', async () => {
    const { tab, names, hear } = await listening()

    await hear(`<iq from='romeo@montague.example/x' type='get' id='1'>${PING}</iq>`)
    await hear("<iq from='romeo@montague.example/x' type='get' id='2'><query xmlns='urn:example:strange'/></iq>")

    expect(names(tab)).toEqual([['iq', false]])
    expect(tab.told('stanza')[0]?.stanza.attrs['id']).toBe('2')
  })

  test('does not get the answers that others wait for', async () => {
    const { stage, tab, other, names, hear } = await listening()
    const query = { name: 'query', ns: 'urn:example:any', attrs: {}, children: [] }
    const asked = other.call('request', { to: 'capulet.example', type: 'get', payload: query })
    await stage.settle()
    const id = stage.upstream.sent.findLast(({ name }) => name === 'iq')?.attrs['id'] ?? ''

    await hear(`<iq from='capulet.example' type='result' id='${id}'/>`)

    expect(await asked).toMatchObject({ ok: true })
    expect(names(tab)).toEqual([])
  })
})

describe('somebody whom a tab asked in declines', () => {
  const declined = `<message from='${ROOM}' to='${ACCOUNT}'><x xmlns='http://jabber.org/protocol/muc#user'><decline from='romeo@montague.example/x'/></x></message>`
  const invite = { room: ROOM, post: { post: 'invite', jid: 'romeo@montague.example' } } as const

  test('and that tab is told, once', async () => {
    const { stage, tab, other, hear } = await listening()
    void other.call('postToRoom', invite)
    await stage.settle()

    await hear(declined)

    expect(other.told('invite-declined')).toMatchObject([{ room: ROOM, from: 'romeo@montague.example/x' }])
    expect(tab.told('invite-declined')).toEqual([])
  })

  test('and the tab is gone: all are told', async () => {
    const { stage, tab, other, hear } = await listening()
    void other.call('postToRoom', invite)
    await stage.settle()
    other.attached.detach()
    await stage.settle()

    await hear(declined)

    expect(tab.told('invite-declined')).toHaveLength(1)
  })

  test('and no tab of this worker asked: all are told', async () => {
    const { tab, other, hear } = await listening()

    await hear(declined)

    for (const each of [tab, other]) expect(each.told('invite-declined')).toHaveLength(1)
  })
})
