import { describe, expect, test } from 'vitest'
import { DirectedPresence } from '../../src/broker/directed-presence.ts'
import { presenceWords } from '../../src/protocol/room-presence.ts'
import type { Show } from '../../src/protocol/room-stanza.ts'
import { presence } from '../../src/protocol/stanza.ts'
import type { XmlNode } from '../../src/protocol/xml.ts'
import { childText } from '../../src/protocol/xml.ts'

const NURSE = 'nurse@capulet.example'
const GARDEN = 'garden@rooms.example'

function stage() {
  const sent: string[] = []
  const send = (node: XmlNode): void => {
    const { type, to } = node.attrs
    sent.push(`${type ?? childText(node, 'jabber:client', 'show') ?? 'online'} ${to}`)
  }
  const directed = new DirectedPresence(send, (jid) => jid.endsWith('@rooms.example'))
  const show = (tab: string, words: Show, to = NURSE) =>
    directed.set(tab, to, presence({ to }, ...presenceWords({ presence: { show: words } })))
  const takeBack = (tab: string, to = NURSE) => directed.set(tab, to, undefined)
  return { directed, sent, show, takeBack }
}

test('goes out when the first tab shows it, and is taken back when the last one does', () => {
  const { sent, show, takeBack } = stage()

  show('t1', 'online')
  show('t2', 'online')
  takeBack('t1')
  expect(sent).toEqual([`online ${NURSE}`])

  takeBack('t2')
  expect(sent).toEqual([`online ${NURSE}`, `unavailable ${NURSE}`])
})

test('goes out again where it changes, whichever tab changes it', () => {
  const { sent, show } = stage()

  show('t1', 'online')
  show('t2', 'dnd')
  show('t1', 'dnd')

  expect(sent).toEqual([`online ${NURSE}`, `dnd ${NURSE}`])
})

test('is counted for each address by itself', () => {
  const { sent, show, takeBack } = stage()

  show('t1', 'online')
  show('t1', 'online', 'romeo@montague.example/x')
  takeBack('t1')

  expect(sent.slice(1)).toEqual(['online romeo@montague.example/x', `unavailable ${NURSE}`])
})

test('that nobody shows cannot be taken back', () => {
  const { sent, show, takeBack } = stage()
  show('t1', 'online')

  takeBack('t2')
  takeBack('t1')
  takeBack('t1')

  expect(sent).toEqual([`online ${NURSE}`, `unavailable ${NURSE}`])
})

test('of a tab that is gone is taken back, all of it', () => {
  const { directed, sent, show } = stage()
  show('t1', 'online')
  show('t1', 'away', 'romeo@montague.example')
  show('t2', 'away', 'romeo@montague.example')

  directed.forget('t1')

  expect(sent.slice(2)).toEqual([`unavailable ${NURSE}`])
})

test('is shown anew after the stream was lost: the server has taken it all back', () => {
  const { directed, sent, show, takeBack } = stage()
  show('t1', 'online')

  directed.lost()
  takeBack('t1')
  show('t1', 'online')

  expect(sent).toEqual([`online ${NURSE}`, `online ${NURSE}`])
})

describe('to what may be a room', () => {
  test.each([GARDEN, `${GARDEN}/juliet`])('(%s) is refused: to some servers it would be a join', (to) => {
    const { sent, show, takeBack } = stage()

    const nobody = { code: 'stanza-error', condition: 'item-not-found' }
    expect(show('t1', 'online', to)).toMatchObject(nobody)
    expect(takeBack('t1', to)).toMatchObject(nobody)
    expect(sent).toEqual([])
  })
})
