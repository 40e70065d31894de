// XEP-0393: Message Styling, version 1.1.1
// https://xmpp.org/extensions/xep-0393.html

/** A part of a line. Marks are left out: what they said is `kind`. */
export type StyledSpan =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'emphasis' | 'strike'; readonly spans: readonly StyledSpan[] }

/** A line, several of them word for word, or what is quoted. */
export type StyledBlock =
  | { readonly kind: 'line'; readonly spans: readonly StyledSpan[] }
  | { readonly kind: 'preformatted'; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly StyledBlock[] }

/** Quotations in quotations, so many: what is quoted deeper stays a line as it is. */
const DEEPEST = 16
const FENCE = '```'

/**
 * A text as people style it with `*strong*`, `_emphasis_`, `~strike~`, `` `code` ``, `> quotations` and fences of three
 * backticks (section 5). Nothing in it is markup: it is to be shown as text.
 */
export function parseStyling(text: string): readonly StyledBlock[] {
  return blocksOf(text.split('\n'), 0)
}

function blocksOf(lines: readonly string[], depth: number): StyledBlock[] {
  const blocks: StyledBlock[] = []
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? ''
    let end = at + 1
    if (line.startsWith(FENCE)) {
      while (end < lines.length && lines[end] !== FENCE) end++
      blocks.push({ kind: 'preformatted', text: lines.slice(at + 1, end).join('\n') })
      end += 1
    } else if (line.startsWith('>') && depth < DEEPEST) {
      while (lines[end]?.startsWith('>')) end++
      const quoted = lines.slice(at, end).map((each) => each.replace(/^>\s?/, ''))
      blocks.push({ kind: 'quote', blocks: blocksOf(quoted, depth + 1) })
    } else blocks.push({ kind: 'line', spans: spansOf(line) })
    at = end
  }
  return blocks
}

const KINDS = { '*': 'strong', _: 'emphasis', '~': 'strike', '`': 'code' } as const
type Mark = keyof typeof KINDS
const isMark = (character: string | undefined): character is Mark => character !== undefined && character in KINDS
/** The end of the line is as good as a space. */
const isSpace = (character = ' '): boolean => /\s/.test(character)

function spansOf(text: string): StyledSpan[] {
  const spans: StyledSpan[] = []
  /** Marks that end nowhere behind where they were looked for. */
  const open = new Set<Mark>()
  let plain = 0
  for (let at = 0; at < text.length; at++) {
    const mark = text[at]
    if (!isMark(mark) || open.has(mark) || !isSpace(text[at - 1]) || isSpace(text[at + 1])) continue
    const end = endOf(text, mark, at)
    if (end === -1) open.add(mark)
    // Nothing is between the two: neither of them is one.
    else if (end === at + 1) at = end
    else {
      if (plain < at) spans.push({ kind: 'text', text: text.slice(plain, at) })
      const kind = KINDS[mark]
      const inside = text.slice(at + 1, end)
      spans.push(kind === 'code' ? { kind, text: inside } : { kind, spans: spansOf(inside) })
      at = end
      plain = end + 1
    }
  }
  if (plain < text.length) spans.push({ kind: 'text', text: text.slice(plain) })
  return spans
}

function endOf(text: string, mark: Mark, from: number): number {
  for (let at = text.indexOf(mark, from + 1); at !== -1; at = text.indexOf(mark, at + 1))
    if (!isSpace(text[at - 1])) return at
  return -1
}
