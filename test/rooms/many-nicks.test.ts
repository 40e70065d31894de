import { expect, test } from 'vitest'
import { inRoom, only } from '../support/fakes/room-machine.ts'
import { gone, present, said } from '../support/fakes/room-xml.ts'

test('of somebody who comes and goes under ever other nicks so many are remembered, and a forgotten one is no older', () => {
  const m = inRoom({ tabs: ['t1'] })
  m.hear(said('romeo', 'old', { archiveId: 'a1' }))
  m.hear(present('eve'), gone('eve'))

  for (let at = 0; at < 20_100; at++) m.hear(present(`eve-${at}`), gone(`eve-${at}`))

  expect(m.room.nickSince.size).toBe(20_000)
  expect(m.room.nickSince.has('eve')).toBe(false)
  const correction = said('eve', 'forged', { id: 'c1' }).replace(
    '</message>',
    "<replace xmlns='urn:xmpp:message-correct:0' id='x'/></message>",
  )
  const [effect] = only(m.hear(correction), 'amend')
  expect(effect?.amendment.since).toBe(1)
})
