import type { Occupant, Role, Show } from 'minimix-web'

export interface PeopleGroup {
  readonly title: string
  readonly people: readonly Occupant[]
}

const GROUPS: readonly { readonly title: string; readonly roles: readonly Role[] }[] = [
  { title: 'Moderators', roles: ['moderator'] },
  { title: 'Participants', roles: ['participant'] },
  { title: 'Visitors', roles: ['visitor', 'none'] },
]

/** By role, and by name within it. Groups without anybody are left out. */
export function peopleByRole(occupants: ReadonlyMap<string, Occupant>): readonly PeopleGroup[] {
  const all = [...occupants.values()].sort((a, b) => a.nick.localeCompare(b.nick))
  return GROUPS.map(({ title, roles }) => ({ title, people: all.filter(({ role }) => roles.includes(role)) })).filter(
    ({ people }) => people.length > 0,
  )
}

export const SHOW_WORDS: Readonly<Record<Show, string>> = {
  online: 'Here',
  chat: 'Glad to chat',
  away: 'Away',
  xa: 'Away for longer',
  dnd: 'Do not disturb',
}

const HUES = 10

/** One of ten colours, always the same for one nick. */
export function hueOf(nick: string): number {
  let sum = 0
  for (const character of nick) sum = (sum * 131 + (character.codePointAt(0) ?? 0)) % 65_521
  return sum % HUES
}
