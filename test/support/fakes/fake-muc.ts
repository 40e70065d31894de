import type { Clock } from '../../../src/broker/ports.ts'
import { bareOf, resourceOf } from '../../../src/protocol/jid.ts'
import { NS_CLIENT } from '../../../src/protocol/stanza.ts'
import { NS_DISCO_INFO } from '../../../src/protocol/xep-0030-disco.ts'
import { writeDateTime } from '../../../src/protocol/xep-0082-datetime.ts'
import { readOriginId } from '../../../src/protocol/xep-0359-stanza-id.ts'
import { child, childText, type XmlNode } from '../../../src/protocol/xml.ts'
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
} from './room-xml.ts'
import { escapeXml } from './xml.ts'

interface Occupant {
  /** The session behind it, where it is one of the account under test. */
  readonly stream: FakeStream | undefined
  readonly words: PresenceWords
}

interface Said {
  readonly nick: string
  readonly body: string
  readonly id: string | undefined
  readonly archiveId: string
  readonly stampMs: number
}

/** A room, with everybody in it but the account under test in the test's hand. */
export interface FakeRoom {
  readonly jid: string
  readonly nicks: readonly string[]
  /** Everything said so far, oldest first. */
  readonly archive: readonly Said[]
  /** Refuses the next joins with this condition, or not where it gives none. */
  refuse: (nick: string, password: string | undefined) => string | undefined
  /** Does not answer at all. */
  deaf: boolean
  enter(nick: string, words?: PresenceWords): void
  exit(nick: string, words?: PresenceWords): void
  rename(from: string, to: string): void
  /** @returns the archive id */
  say(nick: string, body: string): string
  setSubject(nick: string, text: string): void
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

/** A service of rooms that answers as Prosody does (test/fixtures/traces/prosody). */
export function fakeMuc({ clock, answers = 'later', features = [NS_MUC, NS_OCCUPANT_ID] }: FakeMucOptions): FakeMuc {
  const rooms = new Map<string, ReturnType<typeof newRoom>>()
  let archiveIds = 0

  function newRoom(jid: string) {
    const occupants = new Map<string, Occupant>()
    const archive: Said[] = []
    let subject: { nick?: string; text: string } = { text: '' }
    let existed = false

    const everybody = (xml: string | ((nick: string) => string)): void => {
      for (const [nick, { stream }] of occupants) stream?.deliver(typeof xml === 'string' ? xml : xml(nick))
    }
    const idOf = (nick: string): string => `o-${nick}`
    const presenceOf = (nick: string, codes: readonly number[] = []): string =>
      present(nick, { room: jid, occupantId: idOf(nick), ...occupants.get(nick)?.words, codes })

    const room: FakeRoom = {
      jid,
      get nicks() {
        return [...occupants.keys()]
      },
      archive,
      refuse: () => undefined,
      deaf: false,
      enter(nick, words = {}) {
        existed = true
        occupants.set(nick, { stream: undefined, words })
        everybody(presenceOf(nick))
      },
      exit(nick, words = {}) {
        const leaving = occupants.get(nick)
        occupants.delete(nick)
        const xml = (own: boolean): string =>
          gone(nick, { room: jid, ...words, codes: [...(words.codes ?? []), ...(own ? [110] : [])] })
        everybody(xml(false))
        leaving?.stream?.deliver(xml(true))
      },
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
      say(nick, body) {
        return say(nick, body, undefined, undefined)
      },
      setSubject(nick, text) {
        subject = { nick, text }
        everybody(subjectXml(text, { nick, room: jid }))
      },
    }

    function say(nick: string, body: string, id: string | undefined, originId: string | undefined): string {
      const archiveId = `a-${++archiveIds}`
      existed = true
      archive.push({ nick, body, id, archiveId, stampMs: clock.nowMs() })
      everybody(
        said(nick, body, {
          room: jid,
          archiveId,
          ...(id !== undefined && { id }),
          ...(originId !== undefined && { originId }),
        }),
      )
      return archiveId
    }

    function join(nick: string, node: XmlNode, stream: FakeStream): void {
      const x = child(node, NS_MUC, 'x')
      const id = node.attrs['id']
      const there = occupants.get(nick)
      const taken = there !== undefined && there.stream?.credentials.account !== stream.credentials.account
      const condition = room.refuse(nick, x && childText(x, NS_MUC, 'password')) ?? (taken ? 'conflict' : undefined)
      if (condition !== undefined) {
        stream.deliver(joinError(nick, condition, { room: jid, ...(id !== undefined && { id }) }))
        return
      }
      const created = !existed
      existed = true
      if (!there) everybody(present(nick, { room: jid, occupantId: idOf(nick) }))
      occupants.set(nick, { stream, words: { jid: `${stream.credentials.account}/web` } })
      for (const other of occupants.keys()) if (other !== nick) stream.deliver(presenceOf(other))
      stream.deliver(presenceOf(nick, created ? [201, 110] : [110]))
      const history = x && child(x, NS_MUC, 'history')
      const most = Number(history?.attrs['maxstanzas'] ?? HISTORY)
      for (const each of most === 0 ? [] : archive.slice(-most)) {
        const { nick, body, id, archiveId, stampMs } = each
        const delay = { from: jid, stamp: writeDateTime(stampMs) }
        stream.deliver(said(nick, body, { room: jid, archiveId, delay, ...(id !== undefined && { id, originId: id }) }))
      }
      stream.deliver(subjectXml(subject.text, { room: jid, ...(subject.nick !== undefined && { nick: subject.nick }) }))
    }

    function take(node: XmlNode, stream: FakeStream): void {
      const { to = '', type, id } = node.attrs
      const nick = resourceOf(to)
      if (room.deaf) return
      if (node.name === 'iq' && type === 'get') {
        const listed = features.map((feature) => `<feature var='${feature}'/>`).join('')
        stream.deliver(
          `<iq type='result' from='${jid}' id='${escapeXml(id ?? '')}'><query xmlns='${NS_DISCO_INFO}'>${listed}</query></iq>`,
        )
      } else if (node.name === 'presence' && nick !== undefined) {
        if (type === 'unavailable') {
          const status = childText(node, NS_CLIENT, 'status')
          if (occupants.get(nick)?.stream) room.exit(nick, status === undefined ? {} : { status })
        } else if (child(node, NS_MUC, 'x')) join(nick, node, stream)
      } else if (node.name === 'message' && type === 'groupchat') {
        const [from] = [...occupants].find(([, occupant]) => occupant.stream === stream) ?? []
        if (from === undefined) stream.deliver(messageError(id ?? '', 'not-acceptable', { room: jid }))
        else say(from, childText(node, NS_CLIENT, 'body') ?? '', id, readOriginId(node))
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
      if (to === undefined) return
      const answer = (): void => find(bareOf(to)).take(node, stream)
      if (answers === 'later') queueMicrotask(answer)
      else answer()
    },
  }
}
