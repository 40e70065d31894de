import type { AvatarOwner } from 'minimix-web'
import { hueOf } from '../state/people.ts'
import { useChat } from './context.ts'

/** The first letter of a name, in the colour of that name. */
export function Initial({ nick }: { readonly nick: string }) {
  const [first = '?'] = nick
  return (
    <span class="avatar" data-hue={hueOf(nick)} aria-hidden="true">
      {first.toUpperCase()}
    </span>
  )
}

interface AvatarProps {
  readonly nick: string
  /** Left out where nothing is known of them but their name. */
  readonly owner?: AvatarOwner | undefined
}

/** Somebody's picture, or where they have none, their initial. */
export function Avatar({ nick, owner }: AvatarProps) {
  const { pictures } = useChat()
  const url = owner && pictures.of(owner).value
  if (url === undefined) return <Initial nick={nick} />
  return <img class="avatar" src={url} alt="" width="36" height="36" />
}
