import type { Activity, OwnPresence, Show } from '../contract/model.ts'

export interface PresenceState {
  /** What the person has chosen, in whichever tab; the last word counts. */
  readonly chosen: OwnPresence | undefined
  readonly activity: ReadonlyMap<string, Activity>
  /** What the server has been told. */
  readonly effective: OwnPresence
}

export type PresenceInput =
  | { readonly on: 'chosen'; readonly presence: OwnPresence | undefined }
  | { readonly on: 'activity'; readonly tab: string; readonly activity: Activity }
  | { readonly on: 'tab-gone'; readonly tab: string }

export const FIRST_PRESENCE: PresenceState = { chosen: undefined, activity: new Map(), effective: { show: 'online' } }

const SAID = ['show', 'status', 'priority'] as const
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
  // When the last tab goes the account stays as it was: a reload is to show nothing.
  const effective = input.on === 'tab-gone' && next.activity.size === 0 ? was.effective : effectiveOf(next)
  const changed = SAID.some((each) => effective[each] !== was.effective[each])
  return [{ ...next, effective }, changed]
}

function take(was: PresenceState, input: PresenceInput): PresenceState {
  if (input.on === 'chosen') return { ...was, chosen: input.presence }
  const activity = new Map(was.activity)
  if (input.on === 'tab-gone') activity.delete(input.tab)
  else activity.set(input.tab, input.activity)
  return { ...was, activity }
}

function effectiveOf({ chosen, activity }: PresenceState): OwnPresence {
  if (chosen && AWAY.includes(chosen.show)) return chosen
  const tabs = new Set(activity.values())
  const most = BY_ACTIVITY.find((each) => tabs.has(each)) ?? 'active'
  const show = most === 'active' ? (chosen?.show ?? 'online') : most
  return { ...chosen, show }
}
