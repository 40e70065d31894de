import { describe, expect, test } from 'vitest'
import { occupantPresence, presenceWords, type Shown } from '../../src/protocol/room-presence.ts'
import { presence } from '../../src/protocol/stanza.ts'
import { capsEl } from '../../src/protocol/xep-0115-caps.ts'
import { stanza } from '../support/fakes/xml.ts'

const CAPS = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/>"
const caps = capsEl('n', 'v')

describe('what a presence of ours holds', () => {
  test.each<[string, Shown, string]>([
    ['nothing', {}, ''],
    ['nothing for plain online', { presence: { show: 'online' } }, ''],
    ['its show', { presence: { show: 'dnd' } }, '<show>dnd</show>'],
    ['a status without a show', { presence: { show: 'online', status: 'here' } }, '<status>here</status>'],
    [
      'all of it',
      { presence: { show: 'away', status: 'a < b' }, caps },
      `<show>away</show><status>a &lt; b</status>${CAPS}`,
    ],
    ['its priority', { presence: { show: 'online', priority: -1 } }, '<priority>-1</priority>'],
    ['no priority where it is 0', { presence: { show: 'online', priority: 0 } }, ''],
    ['capabilities alone', { caps }, CAPS],
  ])('is %s', (_what, shown, inside) => {
    expect(presence({}, ...presenceWords(shown))).toEqual(stanza(`<presence>${inside}</presence>`))
  })
})

test('a presence to our own occupant enters no room', () => {
  expect(occupantPresence('r@m/juliet', '1', { presence: { show: 'away' } })).toEqual(
    stanza("<presence to='r@m/juliet' id='1'><show>away</show></presence>"),
  )
})
