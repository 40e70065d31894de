import { bareOf } from '../protocol/jid.ts'
import type { Said } from '../protocol/said.ts'
import type { Mention } from '../protocol/xep-0372-references.ts'
import { type Context, ownNick, type Room } from './room.ts'

const WORD = /[\p{L}\p{N}_]/u

/** Somebody names us: in the text, or by a mark. */
export function isMentioned(room: Room, body: string, said: Said | undefined, { account }: Context): boolean {
  if (room.isChat) return false
  const own = ownNick(room)
  const isOwn = ({ jid }: Mention): boolean => jid === `${room.jid}/${own}` || bareOf(jid) === account
  return mentions(body, own) || (said?.mentions?.some(isOwn) ?? false)
}

/** Whether a text names a nick, as a word of its own. */
export const mentions = (text: string, nick: string): boolean => placeOf(text, nick) !== -1

/** Where those nicks are named in a text for the first time; who is not named in it is meant all the same. */
export function mentionsOf(room: Room, text: string, nicks: readonly string[]): Mention[] {
  return nicks.map((nick) => {
    const jid = room.isChat ? nick : `${room.jid}/${nick}`
    const at = placeOf(text, nick)
    // Some letters are longer in lower case: then the place is another one.
    if (at === -1 || text.toLowerCase().length !== text.length) return { jid }
    const begin = [...text.slice(0, at)].length
    return { jid, begin, end: begin + [...nick].length }
  })
}

/** In the text in lower case. */
function placeOf(text: string, nick: string): number {
  if (nick === '') return -1
  const where = text.toLowerCase()
  const what = nick.toLowerCase()
  for (let at = where.indexOf(what); at !== -1; at = where.indexOf(what, at + 1)) {
    if (!isWord(before(where, at)) && !isWord(after(where, at + what.length))) return at
  }
  return -1
}

const isWord = (character: string): boolean => WORD.test(character)
/** Whole code points on both sides, so that a letter outside the BMP counts as one. */
const before = (text: string, at: number): string => [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? ''
const after = (text: string, at: number): string => [...text.slice(at, at + 2)][0] ?? ''
