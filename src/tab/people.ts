import { AVATARS } from '../contract/avatars.ts'
import { PROFILE } from '../contract/profile.ts'
import { ROSTER } from '../contract/roster.ts'
import { type AvatarCalls, Avatars } from './avatars.ts'
import { type PluginEars, pluginHandle } from './plugin-handle.ts'
import { type ProfileCalls, profileCalls } from './profile.ts'
import type { Call } from './remote.ts'
import type { Room } from './room.ts'
import { type RosterCalls, rosterCalls } from './roster.ts'

/** What an account has to do with people, in a tab. */
export class People {
  readonly roster: RosterCalls
  readonly profile: ProfileCalls
  readonly #avatars: Avatars

  /** @param ended aborted when the tab has no use for it any more */
  constructor(
    call: Call,
    ears: PluginEars,
    { rooms, ended }: { rooms: ReadonlyMap<string, Room>; ended: AbortSignal },
  ) {
    this.roster = rosterCalls(pluginHandle(ROSTER, call, ears))
    this.profile = profileCalls(pluginHandle(PROFILE, call, ears))
    this.#avatars = new Avatars(pluginHandle(AVATARS, call, ears), rooms, ended)
  }

  get avatars(): AvatarCalls {
    return this.#avatars.calls
  }

  /** A room that this tab asks for now may have told its picture before. */
  knownOf(room: Room): Room {
    room.avatarIs(this.#avatars.hashes.get(room.jid))
    return room
  }
}
