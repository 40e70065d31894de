import { describe, expect, test } from 'vitest'
import { readRoster, readShown, rosterRemove, rosterSet } from '../../src/protocol/roster.ts'
import { stanza, writeXml } from '../support/fakes/xml.ts'

const roster = (items: string, ver = ''): ReturnType<typeof readRoster> =>
  readRoster(stanza(`<iq type='result'><query xmlns='jabber:iq:roster' ${ver}>${items}</query></iq>`))

describe('a roster', () => {
  test('has of each contact what the server says', () => {
    const items = `<item jid='Romeo@Montague.example' name='Ro' subscription='to' ask='subscribe'><group>A</group><group>A</group><group/></item><item jid='nurse@capulet.example'/>`

    expect(roster(items, "ver='7'")).toEqual({
      ver: '7',
      items: [
        { jid: 'romeo@montague.example', name: 'Ro', groups: ['A'], subscription: 'to', ask: true },
        { jid: 'nurse@capulet.example', groups: [], subscription: 'none', ask: false },
      ],
    })
  })

  test.each(["jid=''", "jid='a@b/c'", "jid='@b'", "name='x'"])('has nobody of %s', (attributes) => {
    expect(roster(`<item ${attributes}/>`)?.items).toEqual([])
  })

  test('that is not there is another thing than one without contacts', () => {
    expect(readRoster(stanza("<iq type='result'/>"))).toBeUndefined()
    expect(roster('')).toEqual({ ver: undefined, items: [] })
  })

  test('has no more than a hundred groups of a contact', () => {
    const groups = Array.from({ length: 200 }, (_, at) => `<group>${at}</group>`).join('')

    expect(roster(`<item jid='a@b'>${groups}</item>`)?.items[0]?.groups).toHaveLength(100)
  })
})

test('a contact is put on it, and taken off', () => {
  expect(writeXml(rosterSet({ jid: 'a@b', name: 'A', groups: ['G'] }))).toContain('<group>G</group>')
  expect(rosterRemove('a@b').children).toMatchObject([{ attrs: { jid: 'a@b', subscription: 'remove' } }])
})

test.each([
  ['', { show: 'online', priority: 0 }],
  ['<show>dnd</show><status>busy</status><priority>-1</priority>', { show: 'dnd', status: 'busy', priority: -1 }],
  ['<show>party</show><status/><priority>200</priority>', { show: 'online', priority: 0 }],
  ['<priority>1.5</priority>', { show: 'online', priority: 0 }],
  ['<priority>x</priority>', { show: 'online', priority: 0 }],
])('a presence of %j shows %j', (inside, shown) => {
  expect(readShown(stanza(`<presence>${inside}</presence>`))).toEqual(shown)
})
