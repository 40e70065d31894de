// What a message says beside its text, and its text without what only stands in for that.
import { NS_CLIENT } from './stanza.ts'
import { attention, wantsAttention } from './xep-0224-attention.ts'
import { replace } from './xep-0308-correct.ts'
import { type Mention, mention, readMentions } from './xep-0372-references.ts'
import { readSpoiler, spoiler } from './xep-0382-spoiler.ts'
import { fallback, type Range, readFallback } from './xep-0428-fallback.ts'
import { readSharedFile, type SharedFile } from './xep-0447-file-sharing.ts'
import { readSticker, type Sticker } from './xep-0449-stickers.ts'
import { NS_REPLY, readReply, replyTo } from './xep-0461-reply.ts'
import { textEl, type XmlNode } from './xml.ts'

export interface Said {
  /** The message that it answers. */
  readonly replyTo?: string
  readonly spoiler?: string
  readonly attention?: true
  readonly sticker?: Sticker
  readonly mentions?: readonly Mention[]
  readonly file?: SharedFile
}

/** Most messages have none of these: they are read as fast as before. */
const TELLING: ReadonlySet<string> = new Set([
  'reply',
  'spoiler',
  'attention',
  'sticker',
  'reference',
  'file-sharing',
  'x',
])

export function readSaid(message: XmlNode, body: string): { readonly body: string; readonly said?: Said } {
  if (!message.children.some((each) => typeof each !== 'string' && TELLING.has(each.name))) return { body }
  const answers = readReply(message)
  const range = answers === undefined ? undefined : readFallback(message, NS_REPLY)
  const cut = range && withoutRange(body, range)
  const hint = readSpoiler(message)
  const sticker = readSticker(message)
  // A sticker is described as a file is.
  const file = sticker ? undefined : readSharedFile(message)
  const named = readMentions(message)
  const mentions = range && cut !== undefined ? named.map((each) => movedBack(each, range)) : named
  return {
    body: cut ?? body,
    said: {
      ...(answers !== undefined && { replyTo: answers }),
      ...(hint !== undefined && { spoiler: hint }),
      ...(wantsAttention(message) && { attention: true }),
      ...(sticker && { sticker }),
      ...(mentions.length > 0 && { mentions }),
      ...(file && { file }),
    },
  }
}

/** `undefined` where nothing would be left, or the range is not within the text. */
function withoutRange(body: string, { start, end }: Range): string | undefined {
  const points = [...body]
  if (end > points.length) return undefined
  const left = [...points.slice(0, start), ...points.slice(end)].join('')
  return left === '' ? undefined : left
}

/** Where a name is once what was before it is gone; nowhere where it was in that. */
function movedBack({ jid, ...at }: Mention, { start, end }: Range): Mention {
  const { begin = 0, end: last = 0 } = at
  if (last <= start) return { jid, ...at }
  return begin < end ? { jid } : { jid, begin: begin - (end - start), end: last - (end - start) }
}

/** What is to be said. */
export interface Words {
  readonly body: string
  readonly spoiler?: string | undefined
  readonly attention?: boolean | undefined
  readonly mentions?: readonly Mention[] | undefined
  /** The message that it answers, who wrote it, and the text of it that stands before ours for other clients. */
  readonly reply?: { readonly id: string; readonly to: string; readonly quote?: string } | undefined
  /** Of the first version of the message in whose place this one is. */
  readonly corrects?: string | undefined
}

/** The elements of a message that says this. */
export function sayWords({ body, spoiler: hint, attention: calls, mentions = [], reply, corrects }: Words): XmlNode[] {
  const quote = reply?.quote ?? ''
  const length = [...quote].length
  const moved = mentions.map(({ jid, begin, end }) =>
    begin === undefined || end === undefined ? { jid } : { jid, begin: begin + length, end: end + length },
  )
  return [
    textEl(NS_CLIENT, 'body', quote + body),
    reply && replyTo(reply.id, reply.to),
    length > 0 && fallback(NS_REPLY, { start: 0, end: length }),
    corrects !== undefined && replace(corrects),
    hint !== undefined && spoiler(hint),
    calls && attention(),
    ...moved.map(mention),
  ].filter((each) => typeof each === 'object')
}

/** How much of a message is shown to clients that do not know what an answer is, in code points. */
const MOST_QUOTED = 300

/** The beginning of a text, marked as somebody else's. */
export function quoteOf(nick: string, text: string): string {
  const points = [...text]
  const short = points.length > MOST_QUOTED ? `${points.slice(0, MOST_QUOTED).join('')}…` : text
  const lines = short === '' ? [] : short.split('\n')
  return [`${nick}:`, ...lines].map((line) => `> ${line}\n`).join('')
}
