import type { Plugin } from '../contract/plugin.ts'
import type { Profile, ProfileWorkerCalls, ProfileWorkerEvents } from '../contract/profile.ts'
import { anyJid, mustBe, record } from './check.ts'
import type { HandleOf, PluginHandle } from './plugin-handle.ts'
import { remember } from './remember.ts'

/** What people say of themselves. */
export interface ProfileCalls {
  /** What those call themselves who said so, by bare JID (XEP-0172). */
  readonly nicks: ReadonlyMap<string, string>
  /**
   * What the account, or somebody else, says of itself: a person by the bare JID, an occupant by the room's and the nick.
   * Empty where they say nothing, or not to us.
   *
   * @throws MinimixError rejects with `offline`, `timeout`
   */
  get(jid?: string): Promise<Profile>
  /** Changes what is given and leaves the rest; an empty text takes a field away. */
  set(changes: Profile): Promise<void>
  /** Somebody calls themselves something else. */
  on: PluginHandle<ProfileWorkerCalls, Pick<ProfileWorkerEvents, 'nick'>>['on']
}

/** As many as the worker remembers. */
const MOST_NICKS = 2_000

export function profileCalls(untyped: PluginHandle): ProfileCalls {
  // The worker's own profiles are at the other end of that name.
  const { call, on } = untyped as HandleOf<Plugin<ProfileWorkerCalls, ProfileWorkerEvents>>
  const nicks = new Map<string, string>()
  const heard = (jid: string, nick: string | undefined): void => {
    if (nick) remember(nicks, jid, nick, MOST_NICKS)
    else nicks.delete(jid)
  }
  on('nicks', (all) => {
    for (const [jid, nick] of all) heard(jid, nick)
  })
  on('nick', ({ jid, nick }) => heard(jid, nick))
  return {
    nicks,
    get: (jid) => call('get', jid === undefined ? undefined : anyJid(jid, 'profile.get(jid)')),
    set: (changes) => {
      record(changes, 'profile.set(changes)')
      for (const [name, text] of Object.entries(changes))
        mustBe(typeof text === 'string', `profile.set({ ${name} }) must be a string`)
      return call('set', changes).then(() => undefined)
    },
    on,
  }
}
