// RFC 4013: SASLprep, Stringprep Profile for User Names and Passwords
// https://www.rfc-editor.org/rfc/rfc4013

/** RFC 3454 table C.1.2: each becomes a space. */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g
/** RFC 3454 table B.1: each becomes nothing. */
const NOTHING = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|[\u200c\u200d]|\u2060|[\ufe00-\ufe0f]|\ufeff/g
/** RFC 3454 tables C.2 to C.9, as far as normalising leaves it: control, private use, no characters, layout, tags. */
const PROHIBITED =
  /[\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u06dd\u070f\u180e\u200e\u200f\u2028-\u202e\u2061-\u2063\u206a-\u206f\u2ff0-\u2ffb\ufff9-\ufffd\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/u

/**
 * A name or password in the form in which both sides compute with it, as a query: characters that Unicode 3.2 did not
 * have are allowed.
 *
 * Normalised with the Unicode of the browser instead of 3.2, whose tables would be half a megabyte. The rule for mixed
 * directions (RFC 3454 section 6) is not checked: a server that keeps it has no such password.
 *
 * @returns `undefined` where it holds what is prohibited
 */
export function saslPrep(text: string): string | undefined {
  const mapped = text.replace(SPACES, ' ').replace(NOTHING, '').normalize('NFKC')
  return PROHIBITED.test(mapped) ? undefined : mapped
}
