import type { Show } from '../protocol/room-stanza.ts'

/** What the account shows of itself. */
export interface AccountPresence {
  readonly show: Show
  readonly status: string | undefined
}

/** How much of a person is at one tab. */
export type Activity = 'active' | 'away' | 'xa'

export interface PresenceState {
  /** What the person has chosen, in whichever tab; the last word counts. */
  readonly chosen: AccountPresence | undefined
  readonly activity: ReadonlyMap<string, Activity>
  /** What the server has been told. */
  readonly effective: AccountPresence
}

export type PresenceInput =
  | { readonly on: 'chosen'; readonly presence: AccountPresence | undefined }
  | { readonly on: 'activity'; readonly tab: string; readonly activity: Activity }
  | { readonly on: 'tab-gone'; readonly tab: string }

export const FIRST_PRESENCE: PresenceState = {
  chosen: undefined,
  activity: new Map(),
  effective: { show: 'online', status: undefined },
}

/** Those of which it is true that the person is not there, or does not want to be. */
const AWAY: readonly Show[] = ['away', 'xa', 'dnd']
const BY_ACTIVITY: readonly Activity[] = ['active', 'away', 'xa']

/**
 * One presence of the account from all its tabs: away, extended away and do-not-disturb are the person's word; otherwise
 * the most active tab decides (RFC 6121 section 4.7.2.1 for the shows).
 *
 * @returns the state, and whether others are to be told
 */
export function stepPresence(was: PresenceState, input: PresenceInput): [PresenceState, changed: boolean] {
  const next = take(was, input)
  const effective = effectiveOf(next) ?? was.effective
  const changed = effective.show !== was.effective.show || effective.status !== was.effective.status
  return [{ ...next, effective }, changed]
}

function take(was: PresenceState, input: PresenceInput): PresenceState {
  if (input.on === 'chosen') return { ...was, chosen: input.presence }
  const activity = new Map(was.activity)
  if (input.on === 'tab-gone') activity.delete(input.tab)
  else activity.set(input.tab, input.activity)
  return { ...was, activity }
}

/** `undefined` where no tab is left: the account is as it was, so that a reload shows nothing. */
function effectiveOf({ chosen, activity }: PresenceState): AccountPresence | undefined {
  if (activity.size === 0) return undefined
  if (chosen && AWAY.includes(chosen.show)) return chosen
  const tabs = new Set(activity.values())
  const most = BY_ACTIVITY.find((each) => tabs.has(each)) ?? 'active'
  return { show: most === 'active' ? (chosen?.show ?? 'online') : most, status: chosen?.status }
}
