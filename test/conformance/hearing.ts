// What happens in a room, as lines that a witness and a tab can be compared by.
import type { Told } from '../support/browser/harness.ts'
import { bare, type Element, statusCodes } from '../support/raw-client.ts'
import { isLine, isSubject, lineOf, type Person, personOf } from './witness.ts'

const NS_MUC_USER = 'http://jabber.org/protocol/muc#user'
const KINDS: readonly (readonly [code: string, kind: string])[] = [
  ['301', 'banned'],
  ['307', 'kicked'],
  ['321', 'not-a-member'],
]

const standing = ({ nick, role, affiliation, show, status = '' }: Person): string =>
  [nick, role, affiliation, show, status].join(' | ')

/** What a client in the room heard there, each thing as a line; what says nothing new is none. */
export function heardBy(stanzas: readonly Element[], room: string, there: readonly Person[]): string[] {
  const people = new Map(there.map((person) => [person.nick, person]))
  const own = there.at(-1)?.nick
  return stanzas
    .filter((stanza) => bare(stanza.attrs['from']) === room)
    .flatMap((stanza) => {
      if (isLine(stanza)) {
        const { id, nick, body } = lineOf(stanza, room)
        return [`message ${nick} | ${body} | ${id}`]
      }
      if (isSubject(stanza)) return [`subject ${stanza.getChildText('subject')}`]
      return stanza.is('presence') && stanza.getChild('x', NS_MUC_USER) ? heardOf(stanza, people, own) : []
    })
}

function heardOf(presence: Element, people: Map<string, Person>, own: string | undefined): string[] {
  const person = personOf(presence)
  const { nick } = person
  const before = people.get(nick)
  if (nick === '' || nick === own) return []
  const item = presence.getChild('x', NS_MUC_USER)?.getChild('item')
  if (presence.attrs['type'] === 'unavailable') {
    people.delete(nick)
    const codes = statusCodes(presence)
    const next = item?.attrs['nick']
    if (codes.includes('303') && before && next) {
      people.set(next, { ...before, nick: next })
      return [`nick ${nick} | ${next}`]
    }
    const kind = KINDS.find(([code]) => codes.includes(code))?.[1] ?? 'left'
    return [`left ${nick} | ${kind} | ${item?.getChildText('reason') ?? ''}`]
  }
  people.set(nick, person)
  if (!before) return [`joined ${standing(person)}`]
  return standing(before) === standing(person) ? [] : [`changed ${standing(person)}`]
}

/** The same lines of what a tab was told. */
export function toldTo(told: readonly Told[]): string[] {
  return told.map(({ name, event }) => {
    switch (name) {
      case 'message':
        return `message ${event.nick} | ${event.body} | ${event.id}`
      case 'subject':
        return `subject ${event.text}`
      case 'nick-changed':
        return `nick ${event.before.nick} | ${event.occupant.nick}`
      case 'occupant-left':
        return `left ${event.occupant.nick} | ${event.kind} | ${event.reason ?? ''}`
      case 'occupant-joined':
        return `joined ${standing(event.occupant)}`
      case 'occupant-changed':
        return `changed ${standing(event.occupant)}`
      default:
        return name
    }
  })
}
