import type { Clock } from '../../../src/broker/ports.ts'
import { bareOf, resourceOf } from '../../../src/protocol/jid.ts'
import { NS_CLIENT } from '../../../src/protocol/stanza.ts'
import { readDateTime, writeDateTime } from '../../../src/protocol/xep-0082-datetime.ts'
import { readOriginId } from '../../../src/protocol/xep-0359-stanza-id.ts'
import { child, childText, elementsOf, type XmlNode } from '../../../src/protocol/xml.ts'
import { answerRoomRequest } from './fake-muc-requests.ts'
import type { FakeStream } from './fake-upstream.ts'
import {
  gone,
  joinError,
  messageError,
  NS_MUC,
  NS_OCCUPANT_ID,
  type PresenceWords,
  present,
  renamed,
  said,
  subject as subjectXml,
  whispered,
} from './room-xml.ts'
import { writeXml } from './xml.ts'

export interface FakeOccupant {
  /** The session behind it, where it is one of the account under test. */
  readonly stream: FakeStream | undefined
  readonly words: PresenceWords
}

export interface Said {
  readonly nick: string
  /** Empty where it has none. */
  readonly body: string
  /** What else was in it. */
  readonly inside: string
  readonly id: string | undefined
  readonly archiveId: string
  readonly stampMs: number
}

/** A room, with everybody in it but the account under test in the test's hand. */
export interface FakeRoom {
  readonly jid: string
  readonly nicks: readonly string[]
  readonly occupants: ReadonlyMap<string, FakeOccupant>
  /** Everything said so far, oldest first. */
  readonly archive: readonly Said[]
  /** What others were told by the account alone. */
  readonly whispers: readonly { readonly to: string; readonly body: string }[]
  /** Messages of the account to the room itself that are not for everybody: invitations, requests for voice. */
  readonly posts: readonly XmlNode[]
  /** Requests of the account to the room itself, and to its own occupant. */
  readonly requests: readonly XmlNode[]
  /** What the room says that it can do. */
  features: readonly string[]
  /** The fields of its configuration, and their values. */
  readonly form: Map<string, string>
  /** By bare JID. */
  readonly affiliations: Map<string, string>
  /** The nick that it keeps for the account. */
  reservedNick: string | undefined
  /** Refuses a join or a new nick with this condition, or not where it gives none. */
  refuse: (nick: string, password: string | undefined) => string | undefined
  /** Refuses a message or request with this condition. */
  refuseRequest: (node: XmlNode) => string | undefined
  /** Does not answer at all. */
  deaf: boolean
  /**
   * What its archive does (XEP-0313): `works`, does not answer (`silent`), or refuses. Of a message that it does not have
   * it says so as Prosody 0.12 does, gives nothing (`is empty`) as Prosody 13 does, or `forgets` where to begin, as
   * ejabberd does.
   */
  mam: 'works' | 'silent' | 'refuses' | 'is empty' | 'forgets'
  /** The most messages that it gives at once. */
  mostResults: number
  /** Its archive does not have this message any more. */
  lose(archiveId: string): void
  /** By how much its clock is ahead of this machine's. */
  skewMs: number
  enter(nick: string, words?: PresenceWords): void
  change(nick: string, words: PresenceWords): void
  exit(nick: string, words?: PresenceWords): void
  /** Forgets somebody without a word: a ghost, as they are to themselves. */
  drop(nick: string): void
  rename(from: string, to: string): void
  /** @returns the archive id */
  say(nick: string, body: string | undefined, words?: { readonly id?: string; readonly inside?: string }): string
  whisper(nick: string, body: string, id?: string): void
  setSubject(nick: string, text: string): void
  /** To every session of the account in the room. */
  tell(xml: string): void
}

export interface FakeMuc {
  room(jid: string): FakeRoom
  /** For `fakeUpstream({ onSent })`. */
  readonly onSent: (node: XmlNode, stream: FakeStream) => void
}

export interface FakeMucOptions {
  readonly clock: Clock
  /** `within-the-call`: as a server on the same machine may, before `send` has returned. */
  readonly answers?: 'later' | 'within-the-call'
  /** What rooms say that they can do. */
  readonly features?: readonly string[]
}

const HISTORY = 20

/** Whether it is this session, on whichever of its connections. */
export const isOf = (occupant: FakeOccupant, { session }: FakeStream): boolean =>
  occupant.stream !== undefined && occupant.stream.session === session

/** A service of rooms that answers as Prosody does (test/fixtures/traces/prosody). */
export function fakeMuc({ clock, answers = 'later', features = [NS_MUC, NS_OCCUPANT_ID] }: FakeMucOptions): FakeMuc {
  const rooms = new Map<string, ReturnType<typeof newRoom>>()
  let archiveIds = 0

  function newRoom(jid: string) {
    const occupants = new Map<string, FakeOccupant>()
    const archive: Said[] = []
    const whispers: { to: string; body: string }[] = []
    const posts: XmlNode[] = []
    const requests: XmlNode[] = []
    let subject: { nick?: string; text: string } = { text: '' }
    let existed = false

    const everybody = (xml: string): void => {
      for (const { stream } of occupants.values()) stream?.deliver(xml)
    }
    const idOf = (nick: string): string => `o-${nick}`
    const presenceOf = (nick: string, codes: readonly number[] = []): string =>
      present(nick, { room: jid, occupantId: idOf(nick), ...occupants.get(nick)?.words, codes })
    const nickOf = (stream: FakeStream): string | undefined =>
      [...occupants].find(([, occupant]) => isOf(occupant, stream))?.[0]

    const room: FakeRoom = {
      jid,
      get nicks() {
        return [...occupants.keys()]
      },
      occupants,
      archive,
      whispers,
      posts,
      requests,
      features,
      form: new Map([
        ['muc#roomconfig_roomname', 'A room'],
        ['muc#roomconfig_membersonly', '0'],
      ]),
      affiliations: new Map(),
      reservedNick: undefined,
      refuse: () => undefined,
      refuseRequest: () => undefined,
      deaf: false,
      mam: 'works',
      mostResults: 100,
      skewMs: 0,
      lose(archiveId) {
        const at = archive.findIndex((each) => each.archiveId === archiveId)
        if (at !== -1) archive.splice(at, 1)
      },
      enter(nick, words = {}) {
        existed = true
        occupants.set(nick, { stream: undefined, words })
        everybody(presenceOf(nick))
      },
      change(nick, words) {
        const before = occupants.get(nick)
        if (before) appear(nick, { ...before, words: { ...before.words, ...words } })
      },
      exit(nick, words = {}) {
        const leaving = occupants.get(nick)
        occupants.delete(nick)
        const xml = (own: boolean): string =>
          gone(nick, { room: jid, ...words, codes: [...(words.codes ?? []), ...(own ? [110] : [])] })
        everybody(xml(false))
        leaving?.stream?.deliver(xml(true))
      },
      drop: (nick) => void occupants.delete(nick),
      rename(from, to) {
        const moved = occupants.get(from)
        if (!moved) return
        for (const own of [false, true]) {
          const xml = renamed(from, to, { room: jid, occupantId: idOf(from), ...(own && { codes: [110] }) })
          for (const [nick, { stream }] of occupants)
            if ((nick === from) === own) for (const each of xml) stream?.deliver(each)
        }
        occupants.delete(from)
        occupants.set(to, { ...moved, words: { ...moved.words, occupantId: idOf(from) } })
      },
      say: (nick, body = '', { id, inside } = {}) => say(nick, body, id, undefined, inside),
      whisper: (nick, body, id = `w-${++archiveIds}`) => everybody(whispered(nick, body, { room: jid, id })),
      setSubject(nick, text) {
        subject = { nick, text }
        everybody(subjectXml(text, { nick, room: jid }))
      },
      tell: everybody,
    }

    function appear(nick: string, occupant: FakeOccupant): void {
      occupants.set(nick, occupant)
      for (const [each, { stream }] of occupants) stream?.deliver(presenceOf(nick, each === nick ? [110] : []))
    }

    function say(
      nick: string,
      body: string,
      id: string | undefined,
      originId: string | undefined,
      inside = '',
    ): string {
      const archiveId = `a-${++archiveIds}`
      existed = true
      archive.push({ nick, body, inside, id, archiveId, stampMs: clock.nowMs() + room.skewMs })
      everybody(
        said(nick, body || undefined, {
          room: jid,
          archiveId,
          inside,
          occupantId: occupants.get(nick)?.words.occupantId ?? idOf(nick),
          ...(id !== undefined && { id }),
          ...(originId !== undefined && { originId }),
        }),
      )
      return archiveId
    }

    function join(nick: string, node: XmlNode, stream: FakeStream): void {
      const x = child(node, NS_MUC, 'x')
      const there = occupants.get(nick)
      const condition =
        room.refuse(nick, x && childText(x, NS_MUC, 'password')) ?? (isTaken(nick, stream) ? 'conflict' : undefined)
      if (condition !== undefined) {
        refusePresence(nick, condition, node, stream)
        return
      }
      const created = !existed
      existed = true
      const shown = { jid: `${stream.credentials.account}/web`, ...showOf(node) }
      if (!there) everybody(present(nick, { room: jid, occupantId: idOf(nick), ...showOf(node) }))
      occupants.set(nick, { stream, words: { ...there?.words, ...shown } })
      for (const other of occupants.keys()) if (other !== nick) stream.deliver(presenceOf(other))
      stream.deliver(presenceOf(nick, created ? [201, 110] : [110]))
      const history = x && child(x, NS_MUC, 'history')
      const most = Number(history?.attrs['maxstanzas'] ?? HISTORY)
      const sinceMs = readDateTime(history?.attrs['since'] ?? '') ?? 0
      const recent = archive.filter(({ stampMs }) => stampMs >= sinceMs)
      for (const each of most === 0 ? [] : recent.slice(-most)) {
        const { nick, body, inside, id, archiveId, stampMs } = each
        const delay = { from: jid, stamp: writeDateTime(stampMs) }
        const occupantId = idOf(nick)
        stream.deliver(
          said(nick, body || undefined, {
            room: jid,
            archiveId,
            delay,
            inside,
            occupantId,
            ...(id !== undefined && { id, originId: id }),
          }),
        )
      }
      stream.deliver(subjectXml(subject.text, { room: jid, ...(subject.nick !== undefined && { nick: subject.nick }) }))
    }

    const isTaken = (nick: string, stream: FakeStream): boolean => {
      const there = occupants.get(nick)
      return there !== undefined && there.stream?.credentials.account !== stream.credentials.account
    }

    const refusePresence = (nick: string, condition: string, { attrs }: XmlNode, stream: FakeStream): void =>
      stream.deliver(joinError(nick, condition, { room: jid, ...(attrs['id'] !== undefined && { id: attrs['id'] }) }))

    /** An available presence that asks for no entrance: of an occupant another nick or show, of a ghost an error. */
    function presenceWithin(nick: string, node: XmlNode, stream: FakeStream): void {
      const own = nickOf(stream)
      if (own === undefined) return refusePresence(nick, 'item-not-found', node, stream)
      if (own === nick) {
        const { show: _show, status: _status, ...words } = occupants.get(nick)?.words ?? {}
        return appear(nick, { stream, words: { ...words, ...showOf(node) } })
      }
      const condition = room.refuse(nick, undefined) ?? (isTaken(nick, stream) ? 'conflict' : undefined)
      if (condition === undefined) room.rename(own, nick)
      else refusePresence(nick, condition, node, stream)
    }

    function message(node: XmlNode, nick: string | undefined, stream: FakeStream): void {
      const { type, id = '' } = node.attrs
      const own = nickOf(stream)
      const body = childText(node, NS_CLIENT, 'body')
      const subjectText = childText(node, NS_CLIENT, 'subject')
      const absent = nick !== undefined && !occupants.has(nick) ? 'item-not-found' : undefined
      const condition = own === undefined ? 'not-acceptable' : (room.refuseRequest(node) ?? absent)
      if (own === undefined || condition !== undefined)
        stream.deliver(messageError(id, condition ?? 'not-acceptable', { room: jid }))
      else if (nick !== undefined) {
        whispers.push({ to: nick, body: body ?? '' })
        occupants.get(nick)?.stream?.deliver(whispered(own, body ?? '', { room: jid, id }))
      } else if (type !== 'groupchat') posts.push(node)
      else if (subjectText === undefined) say(own, body ?? '', id, readOriginId(node), insideOf(node))
      else room.setSubject(own, subjectText)
    }

    function take(node: XmlNode, stream: FakeStream): void {
      const { to = '', type } = node.attrs
      const nick = resourceOf(to)
      if (room.deaf) return
      if (node.name === 'iq' && (type === 'get' || type === 'set')) {
        requests.push(node)
        answerRoomRequest(room, node, stream)
      } else if (node.name === 'message') message(node, nick, stream)
      else if (node.name === 'presence' && nick !== undefined) {
        if (type === 'unavailable') {
          const status = childText(node, NS_CLIENT, 'status')
          if (occupants.get(nick)?.stream) room.exit(nick, status === undefined ? {} : { status })
        } else if (child(node, NS_MUC, 'x')) join(nick, node, stream)
        else presenceWithin(nick, node, stream)
      }
    }

    return { room, take }
  }

  const find = (jid: string) => {
    const found = rooms.get(jid) ?? newRoom(jid)
    rooms.set(jid, found)
    return found
  }

  return {
    room: (jid) => find(jid).room,
    onSent(node, stream) {
      const { to } = node.attrs
      // Rooms are on a service of their own; what is to anybody else is not the rooms' affair.
      if (to === undefined || !bareOf(to).includes('@rooms.')) return
      const answer = (): void => find(bareOf(to)).take(node, stream)
      if (answers === 'later') queueMicrotask(answer)
      else answer()
    },
  }
}

/** What is in a message beside its text and its origin id. */
const insideOf = (node: XmlNode): string =>
  elementsOf(node)
    .filter(({ name }) => name !== 'body' && name !== 'origin-id')
    .map(writeXml)
    .join('')

/** What a presence of the account shows. */
function showOf(node: XmlNode): PresenceWords {
  const show = childText(node, NS_CLIENT, 'show')
  const status = childText(node, NS_CLIENT, 'status')
  return { ...(show !== undefined && { show }), ...(status !== undefined && { status }) }
}
