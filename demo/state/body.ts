import { parseStyling, type StyledBlock, type StyledSpan } from 'minimix-web'

/** A stretch of a message's text. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }
  | { readonly kind: 'mention'; readonly text: string }

const LINK = /\bhttps?:\/\/[^\s<>"']+/giu
/** What ends a sentence rather than an address. */
const AFTER_LINK = /[.,;:!?…]+$/u
const WORD = /[\p{L}\p{N}_]/u

/** The text of a message in order, with its links and the places that name `ownNick`. */
export function piecesOf(body: string, ownNick: string | undefined): readonly Piece[] {
  const pieces: Piece[] = []
  let done = 0
  for (const match of body.matchAll(LINK)) {
    const text = linkText(match[0])
    const href = safeHref(text)
    if (href === undefined) continue
    pieces.push(...withMentions(body.slice(done, match.index), ownNick), { kind: 'link', text, href })
    done = match.index + text.length
  }
  return [...pieces, ...withMentions(body.slice(done), ownNick)]
}

/** A bracket at the end belongs to the address only if it was opened in it. */
function linkText(found: string): string {
  const text = found.replace(AFTER_LINK, '')
  const last = text.at(-1)
  const open = last === ')' ? '(' : last === ']' ? '[' : undefined
  if (open === undefined || text.split(open).length >= text.split(last ?? '').length) return text
  return linkText(text.slice(0, -1))
}

function safeHref(text: string): string | undefined {
  try {
    const { protocol, href } = new URL(text)
    return protocol === 'http:' || protocol === 'https:' ? href : undefined
  } catch {
    return undefined // `http://` and nothing behind it
  }
}

function withMentions(text: string, ownNick: string | undefined): readonly Piece[] {
  if (text === '') return []
  const at = ownNick === undefined || ownNick === '' ? -1 : mentionAt(text, ownNick)
  if (at === -1 || ownNick === undefined) return [{ kind: 'text', text }]
  const end = at + ownNick.length
  return [
    ...(at > 0 ? [{ kind: 'text', text: text.slice(0, at) } as const] : []),
    { kind: 'mention', text: text.slice(at, end) },
    ...withMentions(text.slice(end), ownNick),
  ]
}

/** Where a text names a nick as a word of its own, or -1. */
function mentionAt(text: string, nick: string): number {
  const where = text.toLowerCase()
  const what = nick.toLowerCase()
  for (let at = where.indexOf(what); at !== -1; at = where.indexOf(what, at + 1)) {
    const before = [...where.slice(Math.max(0, at - 2), at)].at(-1) ?? ''
    const [after = ''] = where.slice(at + what.length, at + what.length + 2)
    if (!WORD.test(before) && !WORD.test(after)) return at
  }
  return -1
}

/** The words of a message in one line, without the marks of their styles. */
export function plainText(body: string): string {
  return parseStyling(body).map(textOf).join(' ')
}

function textOf(part: StyledBlock | StyledSpan): string {
  if ('text' in part) return part.text
  return 'blocks' in part ? part.blocks.map(textOf).join(' ') : part.spans.map(textOf).join('')
}
