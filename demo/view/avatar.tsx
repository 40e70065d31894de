import { hueOf } from '../state/people.ts'

/** The first letter of a name, in the colour of that name. */
export function Avatar({ nick }: { readonly nick: string }) {
  const [first = '?'] = nick
  return (
    <span class="avatar" data-hue={hueOf(nick)} aria-hidden="true">
      {first.toUpperCase()}
    </span>
  )
}
