// Real stanzas of four servers (test/fixtures/traces), made wrong a hundred thousand times: nothing may throw, and
// what is right afterwards must be understood.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readFrame } from '../../src/adapters/frame-reader.ts'
import { ArchivePages } from '../../src/broker/archive-pages.ts'
import { answerRequest } from '../../src/broker/responder.ts'
import { readDeclined, readInvite } from '../../src/protocol/invites.ts'
import { bareOf } from '../../src/protocol/jid.ts'
import { readProfile, withProfile } from '../../src/protocol/profile.ts'
import { readRoomConfig } from '../../src/protocol/room-config.ts'
import { isOwnArrival, readRoomStanza } from '../../src/protocol/room-stanza.ts'
import { readRoster, readShown } from '../../src/protocol/roster.ts'
import { readEnvelope } from '../../src/protocol/stanza.ts'
import { readForm } from '../../src/protocol/xep-0004-forms.ts'
import { configurationOf, readList } from '../../src/protocol/xep-0045-admin.ts'
import { roomAddress } from '../../src/protocol/xep-0045-muc.ts'
import { readPhoto, readVcard } from '../../src/protocol/xep-0054-vcard.ts'
import { readReservedNick, registrationOf } from '../../src/protocol/xep-0077-register.ts'
import { NS_AVATAR_METADATA, readAvatarData, readAvatarMetadata } from '../../src/protocol/xep-0084-user-avatar.ts'
import { readCaps } from '../../src/protocol/xep-0115-caps.ts'
import { readAvatarUpdate } from '../../src/protocol/xep-0153-vcard-avatar.ts'
import { readItems, readItemsEvent } from '../../src/protocol/xep-0163-pep.ts'
import { NS_NICK, readNick } from '../../src/protocol/xep-0172-nick.ts'
import { readStreamWord } from '../../src/protocol/xep-0198-stream-management.ts'
import { readArchiveFin, readArchiveResult } from '../../src/protocol/xep-0313-mam.ts'
import { isMarkable } from '../../src/protocol/xep-0333-markers.ts'
import {
  isLegacyBookmarkEvent,
  readBookmarkEvent,
  readBookmarkItem,
  readLegacyBookmarks,
} from '../../src/protocol/xep-0402-bookmarks.ts'
import { readSelfPing } from '../../src/protocol/xep-0410-self-ping.ts'
import { NS_MDS, readDisplayed } from '../../src/protocol/xep-0490-mds.ts'
import type { XmlNode } from '../../src/protocol/xml.ts'
import type { Effect } from '../../src/rooms/effects.ts'
import { sameOccupant } from '../../src/rooms/roster-diff.ts'
import { foldRoom, newRoomView } from '../../src/tab/room-view.ts'
import { type Mutation, mutateText, mutateTree } from '../support/fakes/mutations.ts'
import { inRoom, letIn, toldTo } from '../support/fakes/room-machine.ts'
import { ROOM, said } from '../support/fakes/room-xml.ts'
import { readTrace, roomOf, SERVERS, traceNames } from '../support/fakes/traces.ts'

/** Another seed makes other mutations; a failure prints it, with the path to the smallest case. */
const SEED = 45
const BATCHES = 2_000
const IN_A_BATCH = 50
/** Every page of an archive in the traces is taken for an answer to this query. */
const QUERY = 'q1'

/** Every stanza that a client got, from our room where it is from one. */
const FRAMES: readonly string[] = SERVERS.flatMap((server) =>
  traceNames(server).flatMap((name) =>
    readTrace(server, name)
      .filter(
        ({ direction, xml }) =>
          direction === 'to client' && /^<(presence|message|iq|[\w]+ [^>]*xmlns='urn:xmpp:sm:3')/.test(xml),
      )
      .map(({ xml }) => {
        const node = readFrame(xml)
        const room = node && roomOf(node)
        return room === undefined ? xml : xml.replaceAll(room, ROOM).replace(/queryid='[^']*'/, `queryid='${QUERY}'`)
      }),
  ),
)

/** All that is made of a stanza before anybody knows what it is. */
function read(node: XmlNode): void {
  const envelope = readEnvelope(node)
  if (envelope) answerRequest(envelope, node, 0)
  for (const reader of [
    ...[readInvite, readDeclined, readBookmarkEvent, isLegacyBookmarkEvent, readLegacyBookmarks, isMarkable],
    ...[readRoomConfig, readList, registrationOf, readReservedNick, readSelfPing, readForm, readCaps, isOwnArrival],
    ...[readArchiveResult, readArchiveFin, readStreamWord, readRoster, readShown, readNick, readAvatarUpdate],
  ])
    reader(node)
  for (const name of [NS_MDS, NS_NICK, NS_AVATAR_METADATA]) {
    const items = readItemsEvent(node, name)
    if (items !== 'purged')
      for (const item of items ?? []) [readNick(item), readAvatarMetadata(item), readAvatarData(item)]
  }
  const card = readVcard(node)
  if (card) [readProfile(withProfile(card, { fullName: 'Juliet', email: '' })), readPhoto(card)]
  for (const item of readItems(node, 'urn:xmpp:bookmarks:1') ?? []) [readBookmarkItem(item), readDisplayed(item)]
  const configuration = configurationOf(node)
  if (configuration) readForm(configuration)
  roomAddress(node.attrs['from'] ?? '')
}

/** A tab in a room, with calls of every kind under way, and what it sees of the room. */
function talk() {
  const m = inRoom({ nick: 'bob', account: 'bob@localhost' })
  const view = newRoomView()
  const settled = new Map<number, number>()
  const timers = new Set<string>()
  const take = (effects: readonly Effect[]): readonly Effect[] => {
    for (const effect of effects) {
      const call = 'call' in effect ? effect.call : undefined
      if (call !== undefined) settled.set(call, (settled.get(call) ?? 0) + 1)
      if (effect.do === 'wait') timers.add(effect.name)
      if (effect.do === 'stop-waiting') timers.delete(effect.name)
      if (effect.do === 'tell' && effect.tabs.includes('t1') && 'room' in effect.event) fold(effect.event as Told)
      if (effect.do === 'show')
        fold({ kind: 'room-joined', ...effect.view.picture, archive: 'a', atMs: 0, history: [] })
    }
    return effects
  }
  type Told = Parameters<typeof foldRoom>[1]
  const fold = (event: Told): void => void foldRoom(view, event, 't1')
  const first = m.call
  take(m.leave('t1'))
  take(
    m.hear(
      `<presence type='unavailable' from='${ROOM}/bob'><x xmlns='http://jabber.org/protocol/muc#user'/></presence>`,
    ),
  )
  take(m.join('t1', { nick: 'bob' }))
  take(letIn(m, { nick: 'bob' }))
  take(m.send('t1', 'under way'))
  take(m.whisper('t1', 'romeo', 'under way'))
  take(m.setSubject('t1', 'under way'))
  take(m.rename('t1', 'bobby'))
  /** Calls that were not answered, or more than once. */
  const unsettled = (): number[] =>
    Array.from({ length: m.call - first }, (_, i) => i + first + 1).filter((call) => settled.get(call) !== 1)
  /** On the way in again, by what tabs and timers do of themselves. */
  const begin = (): void => {
    if (timers.delete('rejoin')) take(m.time('rejoin'))
    if (!m.room.holds.has('t1')) take(m.join('t1', { nick: 'bob' }))
  }
  /** In again, with what a room says to that. */
  const bringIn = (): void => {
    for (let tries = 0; tries < 3 && (m.room.occupancy.at !== 'in' || !m.room.holds.has('t1')); tries++) {
      begin()
      const { occupancy } = m.room
      if (occupancy.at === 'joining') take(letIn(m, { nick: occupancy.nick }))
    }
  }
  return { m, view, take, begin, bringIn, unsettled }
}

/** A page of the room's archive is on its way. */
function openQuery(): ArchivePages {
  const pages = new ArchivePages({ newId: () => QUERY, request: () => undefined })
  void pages.page(ROOM, { max: 10 })
  return pages
}

const mutation: fc.Arbitrary<Mutation> = fc.tuple(fc.nat(), fc.nat(), fc.nat())
const mutated = fc.tuple(fc.nat(FRAMES.length - 1), fc.boolean(), fc.array(mutation, { minLength: 1, maxLength: 3 }))

function wrongStanza(index: number, asText: boolean, mutations: readonly Mutation[]): XmlNode | undefined {
  const frame = FRAMES[index] ?? ''
  if (asText) return readFrame(mutations.reduce(mutateText, frame))
  const node = readFrame(frame)
  return node && mutations.reduce(mutateTree, node)
}

test('of a hundred thousand wrong stanzas none throws, and the right one behind them is understood', () => {
  let count = 0
  fc.assert(
    fc.property(fc.array(mutated, { minLength: IN_A_BATCH, maxLength: IN_A_BATCH }), (batch) => {
      const { m, view, take, begin, bringIn, unsettled } = talk()
      const pages = openQuery()
      for (const [i, words] of batch.entries()) {
        count++
        // So that wrong stanzas come at every moment: in the room, on the way in, out.
        if (i % 10 === 5) begin()
        if (i % 10 === 9) bringIn()
        const node = wrongStanza(...words)
        if (!node) continue
        read(node)
        const from = node.attrs['from'] ?? ''
        if (pages.take(from, node)) continue
        const meaning = readRoomStanza(node, bareOf(from))
        if (meaning && bareOf(from) === ROOM) take(m.step({ on: 'stanza', stanza: meaning }))
      }

      bringIn()
      const heard = take(m.hear(said('romeo', 'hark', { archiveId: 'the right one' })))

      expect(toldTo(heard, 't1')).toMatchObject([{ kind: 'message', message: { body: 'hark' } }])
      expect(m.room.roster.byNick.has(m.room.roster.ownNick ?? '')).toBe(true)
      expect([...view.occupants.keys()].sort()).toEqual([...m.room.roster.byNick.keys()].sort())
      for (const [nick, occupant] of m.room.roster.byNick) {
        const seen = view.occupants.get(nick)
        expect(seen && sameOccupant(seen, occupant), nick).toBe(true)
      }
      take(m.lose())
      take(m.back())
      bringIn()
      expect(unsettled()).toEqual([])
    }),
    { seed: SEED, numRuns: BATCHES },
  )
  expect(count).toBe(BATCHES * IN_A_BATCH)
}, 120_000)
