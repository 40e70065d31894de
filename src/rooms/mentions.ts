const WORD = /[\p{L}\p{N}_]/u

/** Whether a text names a nick, as a word of its own. */
export function mentions(text: string, nick: string): boolean {
  if (nick === '') return false
  const where = text.toLowerCase()
  const what = nick.toLowerCase()
  for (let at = where.indexOf(what); at !== -1; at = where.indexOf(what, at + 1)) {
    if (!isWord(before(where, at)) && !isWord(after(where, at + what.length))) return true
  }
  return false
}

const isWord = (character: string): boolean => WORD.test(character)
/** Whole code points on both sides, so that a letter outside the BMP counts as one. */
const before = (text: string, at: number): string => [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? ''
const after = (text: string, at: number): string => [...text.slice(at, at + 2)][0] ?? ''
