/** What the longest of them need: families, flags and skins are put together from many. */
const LONGEST = 40

/** Whether a text is an emoji, or a few in a row, and nothing else: digits alone are none. */
export function isEmoji(text: string): boolean {
  return (
    text.length <= LONGEST &&
    /^[\p{Emoji}\p{Emoji_Component}]+$/u.test(text) &&
    /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20E3/u.test(text)
  )
}
