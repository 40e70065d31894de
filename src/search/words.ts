/** Words as they are compared: without case, diacritics and compatibility forms. */

/** What is no part of a word for whoever looks for it: soft hyphen, joiners. */
const INVISIBLE = /\u00ad|\u200c|\u200d|\u2060/g

/** A run of letters and digits, or one emoji. What stands between them (`.`, `@`, `/`, `'`, `_`) parts words. */
const RUN = /[\p{L}\p{M}\p{N}]+|\p{RI}{2}|\p{Extended_Pictographic}/gu

/** Scripts that put no space between words: where a word ends is for a dictionary to say. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u

/**
 * Marks that many leave out when they write. Not so the vowels and tones of Indic scripts and Thai, or the voicing of
 * kana: without them it is another word.
 */
const DIACRITIC = /(?![\u3099\u309a])(?=\p{M})[\p{sc=Zinh}\p{sc=Cyrl}\p{sc=Hebr}\p{sc=Arab}\p{sc=Syrc}]/gu

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
const ASCII = /^[\x00-\x7f]*$/

// COMPAT(Firefox 124): it has no segmenter; every character is a word then. Remove when Firefox 128 is the oldest.
const segmenter = typeof Intl.Segmenter === 'function' ? new Intl.Segmenter('und', { granularity: 'word' }) : undefined

/** The words of a text, folded, in their order and as often as they are there. */
export function wordsOf(text: string): string[] {
  if (ASCII.test(text)) return text.toLowerCase().match(/[a-z0-9]+/g) ?? []
  const words: string[] = []
  for (const [run] of text.replace(INVISIBLE, '').matchAll(RUN)) {
    for (const part of UNSPACED.test(run) ? parts(run) : [run]) {
      const word = folded(part)
      if (word !== '') words.push(word)
    }
  }
  return words
}

/** What a query looks for: each of its words once, and none that another one of them begins with. */
export function wantedWords(query: string): string[] {
  const words = [...new Set(wordsOf(query))]
  return words.filter((word) => !words.some((other) => other !== word && other.startsWith(word)))
}

/** Whether each wanted word begins a word of the text. */
export function hasWords(text: string, wanted: readonly string[]): boolean {
  const words = wordsOf(text)
  return wanted.every((each) => words.some((word) => word.startsWith(each)))
}

function parts(run: string): string[] {
  return segmenter ? Array.from(segmenter.segment(run), ({ segment }) => segment) : [...run]
}

function folded(word: string): string {
  if (ASCII.test(word)) return word.toLowerCase()
  const plain = word.normalize('NFKD').replace(DIACRITIC, '').toLowerCase()
  // What lower case alone leaves apart (full case folding, Unicode 3.13): a sigma at the end of a word, and ß.
  return plain.replaceAll('ς', 'σ').replaceAll('ß', 'ss')
}
