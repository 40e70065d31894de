import { describe, expect, test } from 'vitest'
import type { PendingAmendment, SharedMessage } from '../../src/contract/api.ts'
import { readRoomStanza } from '../../src/protocol/room-stanza.ts'
import { nextGap } from '../../src/rooms/catch-up.ts'
import type { Effect } from '../../src/rooms/effects.ts'
import { inRoom, type Machine, only, self, toldTo, WITH_ARCHIVE } from '../support/fakes/room-machine.ts'
import { type MessageWords, said, subject } from '../support/fakes/room-xml.ts'
import { sharedMessage } from '../support/fakes/shared-message.ts'
import { stanza } from '../support/fakes/xml.ts'

/** In again, behind `a1`: the archive is to be read. */
function behind(): Machine {
  const m = inRoom()
  m.step({ on: 'disco', features: WITH_ARCHIVE })
  m.hear(said('romeo', 'a1', { archiveId: 'a1', id: 'i-a1', occupantId: 'o-romeo' }))
  m.lose()
  m.back()
  m.step({ on: 'disco', features: WITH_ARCHIVE })
  m.hear(self(), subject(''))
  return m
}

type Line = MessageWords & { readonly nick: string; readonly body?: string }

/** A page with what the store has beside it. */
function readUp(
  m: Machine,
  lines: readonly Line[],
  { amendments = [], earlier = [] }: { amendments?: PendingAmendment[]; earlier?: SharedMessage[] } = {},
): Effect[] {
  const gap = nextGap(m.room)
  if (!gap) throw new Error('nothing is to be filled')
  const messages = lines.map(({ nick, body, ...words }, n) => {
    const archiveId = words.archiveId ?? `p${n}`
    const xml = said(nick, body, { id: `i-${archiveId}`, occupantId: `o-${nick}`, ...words })
    const read = readRoomStanza(stanza(xml), m.room.jid)
    if (read?.kind !== 'message') throw new Error(`no message: ${xml}`)
    return { ...read, archiveId, delayMs: 1000 + n }
  })
  const edge = { id: messages.at(-1)?.archiveId ?? '', stampMs: 2000 }
  const page = { messages, edge, complete: true }
  return m.step({ on: 'archive-page', gap, direction: 'forward', page, known: new Set(), amendments, earlier })
}

const thumb = (id: string): string =>
  `<reactions xmlns='urn:xmpp:reactions:0' id='${id}'><reaction>👍</reaction></reactions>`
const retract = (id: string): string => `<retract xmlns='urn:xmpp:message-retract:1' id='${id}'/>`
const rows = (effects: readonly Effect[]) => only(effects, 'append').map(({ message }) => message)
const changes = (effects: readonly Effect[]) =>
  toldTo(effects, 't1').flatMap((event) => (event.kind === 'message-updated' ? [event.change] : []))

describe('what was done to messages that are there', () => {
  test('by many is one write of each, and tabs are told once of each kind', () => {
    const m = behind()
    const earlier = [sharedMessage(-5, { id: 'a0', occupantId: 'o-romeo' }), sharedMessage(-4, { id: 'x' })]

    const effects = readUp(
      m,
      [
        { nick: 'nurse', inside: thumb('a0') },
        { nick: 'tybalt', inside: thumb('a0') },
        { nick: 'romeo', inside: retract('none') },
        { nick: 'tybalt', inside: retract('a0') },
      ],
      { earlier },
    )

    expect(rows(effects)).toMatchObject([{ id: 'a0', order: -5, reactions: [{ nicks: ['nurse', 'tybalt'] }] }])
    expect(changes(effects)).toEqual(['reaction'])
    expect(only(effects, 'amend').map(({ amendment }) => amendment.target)).toEqual(['none'])
  })

  test('is within the page for those that came with it, and no news of its own', () => {
    const m = behind()

    const effects = readUp(m, [
      { nick: 'romeo', body: 'said', archiveId: 'b1' },
      { nick: 'nurse', inside: thumb('b1') },
    ])

    expect(rows(effects)).toMatchObject([{ id: 'b1', reactions: [{ emoji: '👍' }] }])
    expect([changes(effects), only(effects, 'amend')]).toEqual([[], []])
  })

  test('waits no longer where it had waited for a message that has come', () => {
    const m = behind()
    const waiting: PendingAmendment = {
      kind: 'reaction',
      target: 'b1',
      emojis: ['👍'],
      room: m.room.jid,
      nick: 'nurse',
      since: 0,
      atMs: 1500,
      body: '',
      stanza: stanza('<message/>'),
    }
    const other = { ...waiting, target: 'elsewhere' }

    const effects = readUp(m, [{ nick: 'romeo', body: 'said', archiveId: 'b1' }], { amendments: [waiting, other] })

    expect(rows(effects)).toMatchObject([{ id: 'b1', reactions: [{ nicks: ['nurse'] }] }])
    expect(only(effects, 'forget-amendments')).toMatchObject([{ amendments: [waiting] }])
    expect(only(effects, 'amend')).toEqual([])
  })
})

describe('a tombstone of the archive', () => {
  const tombstone = "<retracted xmlns='urn:xmpp:message-retract:1' stamp='2030-01-01T00:00:00Z'/>"

  test('has the place of its message, without words, and is nothing to read', () => {
    const m = behind()

    const effects = readUp(m, [{ nick: 'romeo', inside: tombstone, archiveId: 'b1' }])

    expect(rows(effects)).toMatchObject([{ id: 'b1', nick: 'romeo', body: '', retracted: true }])
    expect(m.room.unread.count).toBe(0)
  })

  test('that anybody sends is none', () => {
    const m = inRoom()

    expect(rows(m.hear(said('romeo', undefined, { inside: tombstone, archiveId: 'b1' })))).toEqual([])
  })
})
