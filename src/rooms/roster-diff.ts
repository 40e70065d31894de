import type { DepartureKind, Occupant } from '../contract/model.ts'

/** What a presence, or the difference of two pictures, changes among the occupants of a room. */
export type RosterChange =
  | { readonly is: 'joined'; readonly occupant: Occupant }
  | {
      readonly is: 'left'
      readonly occupant: Occupant
      readonly how: DepartureKind
      readonly reason: string | undefined
      readonly actor: string | undefined
    }
  | { readonly is: 'changed'; readonly occupant: Occupant; readonly before: Occupant }
  | { readonly is: 'renamed'; readonly occupant: Occupant; readonly from: string }

/**
 * What happened between two pictures of a room: leaves, then renames, then joins, then changes.
 *
 * A rename can only be told from a leave and a join by the occupant id (XEP-0421), except our own.
 *
 * @param ownNickBefore where we go by another nick now
 */
export function rosterDiff(
  before: ReadonlyMap<string, Occupant>,
  after: ReadonlyMap<string, Occupant>,
  ownNickBefore?: string,
): RosterChange[] {
  const left: RosterChange[] = []
  const renamed: RosterChange[] = []
  const joined: RosterChange[] = []
  const changed: RosterChange[] = []
  const gone = new Gone(before, after, ownNickBefore)
  for (const now of after.values()) {
    const there = before.get(now.nick)
    const was = there && stays(there, now, ownNickBefore) ? there : undefined
    // Who has come to a nick that somebody had is new there: a rename to it would take that one away.
    const origin = there && !now.own ? undefined : gone.take(now)
    if (origin) renamed.push({ is: 'renamed', occupant: now, from: origin.nick })
    else if (!was) joined.push({ is: 'joined', occupant: now })
    else if (!sameOccupant(was, now)) changed.push({ is: 'changed', occupant: now, before: was })
  }
  for (const occupant of gone.rest) left.push(departure(occupant))
  return [...left, ...renamed, ...joined, ...changed]
}

/** Whether the occupant of a nick is who it was: where we go by another one now, our old nick may be somebody else's. */
const stays = (was: Occupant, now: Occupant, ownNickBefore: string | undefined): boolean =>
  ownNickBefore === undefined || was.own === now.own

/** Those who are not there any more under their nick; two of them may be one person on two devices. */
class Gone {
  readonly rest = new Set<Occupant>()
  readonly #byId = new Map<string, Occupant[]>()
  #own: Occupant | undefined

  constructor(
    before: ReadonlyMap<string, Occupant>,
    after: ReadonlyMap<string, Occupant>,
    ownNick: string | undefined,
  ) {
    for (const was of before.values()) {
      const now = after.get(was.nick)
      if (now && stays(was, now, ownNick)) continue
      this.rest.add(was)
      if (was.nick === ownNick) this.#own = was
      else if (!now && was.occupantId !== undefined)
        this.#byId.set(was.occupantId, [...(this.#byId.get(was.occupantId) ?? []), was])
    }
  }

  /** Who of them goes by another nick now. */
  take(now: Occupant): Occupant | undefined {
    const origin = now.own
      ? this.#own
      : now.occupantId === undefined
        ? undefined
        : this.#byId.get(now.occupantId)?.shift()
    if (origin) this.rest.delete(origin)
    return origin
  }
}

const departure = (occupant: Occupant): RosterChange => ({
  is: 'left',
  occupant,
  how: 'left',
  reason: undefined,
  actor: undefined,
})

/** Nothing that anybody would notice differs: our own resource is another one after each reconnect. */
export function sameOccupant(a: Occupant, b: Occupant): boolean {
  return (
    a.nick === b.nick &&
    a.occupantId === b.occupantId &&
    (a.jid === b.jid || (a.own && b.own)) &&
    a.role === b.role &&
    a.affiliation === b.affiliation &&
    a.show === b.show &&
    a.status === b.status &&
    a.avatarHash === b.avatarHash &&
    a.own === b.own &&
    a.ownAccount === b.ownAccount &&
    a.hats.length === b.hats.length &&
    a.hats.every((hat, i) => hat.uri === b.hats[i]?.uri && hat.title === b.hats[i]?.title)
  )
}
