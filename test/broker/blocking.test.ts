import { describe, expect, test } from 'vitest'
import { child, childrenOf, type XmlNode } from '../../src/protocol/xml.ts'
import { type BrokerStageOptions, brokerStage } from '../support/fakes/broker-stage.ts'
import { ACCOUNT, NS_MUC_USER, present, ROOM, said, whispered } from '../support/fakes/room-xml.ts'

const NS_BLOCKING = 'urn:xmpp:blocking'
const ROMEO = 'romeo@montague.example'
const HALL = 'hall@rooms.example'

const itemsOf = (command: XmlNode): string[] =>
  childrenOf(command, NS_BLOCKING, 'item').map(({ attrs }) => attrs['jid'] ?? '')
const items = (jids: readonly string[]): string => jids.map((jid) => `<item jid='${jid}'/>`).join('')
const invite = (inside: string, from = HALL): string => `<message from='${from}'>${inside}</message>`
const mediated = (from: string): string => invite(`<x xmlns='${NS_MUC_USER}'><invite from='${from}'/></x>`)
const direct = (from: string): string => invite(`<x xmlns='jabber:x:conference' jid='${HALL}'/>`, from)

/** In a room that shows who people are, with Romeo; the server keeps that list. */
async function stageWith(blocked: readonly string[] | 'no list', options: BrokerStageOptions = {}) {
  const stage = brokerStage(options)
  const answered = new Set<XmlNode>()
  const changes: string[] = []
  const answer = (node: XmlNode): void => {
    const { id } = node.attrs
    if (child(node, NS_BLOCKING, 'blocklist'))
      stage.upstream.stream.deliver(
        blocked === 'no list'
          ? `<iq type='error' id='${id}'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`
          : `<iq type='result' id='${id}'><blocklist xmlns='${NS_BLOCKING}'>${items(blocked)}</blocklist></iq>`,
      )
    for (const change of ['block', 'unblock']) {
      const command = child(node, NS_BLOCKING, change)
      if (!command) continue
      changes.push(`${change} ${itemsOf(command).join(' ')}`)
      stage.upstream.stream.deliver(`<iq type='result' id='${id}' from='${ACCOUNT}'/>`)
    }
  }
  const settle = async (): Promise<void> => {
    await stage.settle()
    for (const node of stage.upstream.sent) if (!answered.has(node)) answer(node)
    for (const node of stage.upstream.sent) answered.add(node)
    await stage.settle()
  }
  const tab = await stage.inRoom('t1')
  await settle()
  const hear = async (...xml: readonly string[]): Promise<void> => {
    for (const each of xml) stage.upstream.stream.deliver(each)
    await settle()
  }
  await hear(present('romeo', { jid: `${ROMEO}/garden` }), present('nurse', { jid: 'nurse@capulet.example/x' }))
  const push = (change: string, from: string | undefined): string =>
    `<iq type='set' id='push-1'${from === undefined ? '' : ` from='${from}'`}>${change}</iq>`
  const list = async () => tab.call('blocked', null)
  return { stage, tab, hear, settle, push, changes, list }
}

describe('somebody who is blocked', () => {
  test.each([
    ['by the account', ROMEO],
    ['by the device', `${ROMEO}/garden`],
    ['by the domain', 'montague.example'],
  ])('%s says nothing to us alone, invites us nowhere, and is no cause for a notification', async (_how, jid) => {
    const { tab, hear } = await stageWith([jid])
    await tab.call('visible', { hidden: true })

    await hear(whispered('romeo', 'psst', { id: 'w1' }), said('romeo', 'juliet!', { archiveId: 'a1' }))
    await hear(mediated(`${ROMEO}/garden`))

    expect([...tab.told('private-message'), ...tab.told('notify'), ...tab.told('invite')]).toEqual([])
    // What a room says to everybody is not ours to take away.
    expect(tab.told('message').map(({ message }) => message.body)).toEqual(['juliet!'])
  })

  test('invites us nowhere by a message of their own', async () => {
    const { tab, hear } = await stageWith([ROMEO])

    await hear(direct(`${ROMEO}/garden`))

    expect(tab.told('invite')).toEqual([])
  })

  test.each([
    [[]],
    [['nurse@capulet.example', 'mantua.example', 'romeo@montague.example/elsewhere']],
    ['no list' as const],
  ])('is nobody else: %j', async (blocked) => {
    const { tab, hear } = await stageWith(blocked)
    await tab.call('visible', { hidden: true })

    await hear(whispered('romeo', 'psst', { id: 'w1' }), mediated(`${ROMEO}/garden`))

    expect(tab.told('private-message')).toHaveLength(1)
    expect(tab.told('notify')).toHaveLength(1)
    expect(tab.told('invite')).toHaveLength(1)
  })
})

describe('the list', () => {
  test('is what the server says, and what tabs change', async () => {
    const { tab, settle, list, changes } = await stageWith(['mantua.example'])
    expect(await list()).toMatchObject({ ok: true, value: ['mantua.example'] })

    const done = tab.call('setBlocked', { jid: ROMEO, blocked: true })
    await settle()
    expect(await done).toMatchObject({ ok: true })
    expect(await list()).toMatchObject({ value: ['mantua.example', ROMEO] })
    const undone = tab.call('setBlocked', { jid: 'mantua.example', blocked: false })
    await settle()
    await undone

    expect(await list()).toMatchObject({ value: [ROMEO] })
    expect(changes).toEqual([`block ${ROMEO}`, 'unblock mantua.example'])
  })

  test('that the server does not keep is told as such', async () => {
    const { list } = await stageWith('no list')

    expect(await list()).toMatchObject({ ok: false, error: { condition: 'service-unavailable' } })
  })

  test.each([undefined, ACCOUNT, 'capulet.example'])('is changed by a push of %s, which is answered', async (from) => {
    const { stage, hear, push, list } = await stageWith(['mantua.example', 'verona.example'])

    await hear(push(`<block xmlns='${NS_BLOCKING}'>${items([ROMEO])}</block>`, from))
    expect(await list()).toMatchObject({ value: ['mantua.example', 'verona.example', ROMEO] })
    await hear(push(`<unblock xmlns='${NS_BLOCKING}'>${items([ROMEO])}</unblock>`, from))
    expect(await list()).toMatchObject({ value: ['mantua.example', 'verona.example'] })
    await hear(push(`<unblock xmlns='${NS_BLOCKING}'/>`, from))
    expect(await list()).toMatchObject({ value: [] })

    const answers = stage.upstream.sent.filter(({ attrs }) => attrs['id'] === 'push-1')
    expect(answers.map(({ attrs }) => [attrs['type'], attrs['to']])).toEqual(Array(3).fill(['result', from]))
  })

  test.each([ROMEO, `${ACCOUNT}/phone`, 'montague.example', `${ROOM}/romeo`])('is not changed by %s', async (from) => {
    const { stage, hear, push, list } = await stageWith([])

    await hear(push(`<block xmlns='${NS_BLOCKING}'>${items(['nurse@capulet.example'])}</block>`, from))

    expect(await list()).toMatchObject({ value: [] })
    expect(stage.upstream.sent.find(({ attrs }) => attrs['id'] === 'push-1')?.attrs['type']).toBe('error')
  })
})
