import {
  DIRECTORY,
  type DirectoryCalls,
  type RoomInfo,
  type RoomPage,
  type RoomPlan,
  type RoomService,
} from '../contract/directory.ts'
import { bareJid, mustBe, nickname, oneOf, optional, text } from './check.ts'
import { given } from './given.ts'
import type { Call } from './remote.ts'
import type { Room } from './room.ts'

export interface RoomsOptions {
  /** Where to look; left out: the first service of the own server, and for `search` one that searches. */
  readonly service?: string
  /** Goes on behind the page that had this `after`. */
  readonly after?: string
  /** 50 if left out, 500 at most. A page may have fewer, and yet not be the last: then it has `after`. */
  readonly limit?: number
}

export interface NewRoom extends RoomPlan {
  readonly nick: string
  /** Bare JID; left out: `local` at `service`. */
  readonly jid?: string
  /** Left out: the first service of the own server. */
  readonly service?: string
  /** What stands before the `@`; left out: something that nobody guesses. */
  readonly local?: string
}

/** Rooms to find and to make. All of it rejects with `offline`, `timeout`, and what the service refuses. */
export interface Directory {
  /** Where the own server has rooms. */
  services(): Promise<readonly RoomService[]>
  /** The rooms that a service lists, a page at a time. */
  rooms(options?: RoomsOptions): Promise<RoomPage>
  /** By a service that searches (XEP-0433), where there is one; else by names and addresses of the listed rooms, one page. */
  search(text: string, options?: RoomsOptions): Promise<RoomPage>
  /** What a room says of itself to anybody. @throws MinimixError rejects with `room-not-found`, `room-gone`, `room-unreachable` */
  info(room: string): Promise<RoomInfo>
  /**
   * Makes a room, comes in, and configures it: `public-channel` to be found and open to everybody, `private-group` for
   * members who see who is who. Both stay when everybody is out. Where that fails nothing of it stays.
   *
   * @throws MinimixError rejects with `stanza-error`, `condition: 'conflict'`, where there is such a room; `not-acceptable`
   * where the service cannot have such rooms; what `join` and `configure` reject with
   */
  create(options: NewRoom): Promise<Room>
}

/** A server that does not answer is waited for by each step in the worker. */
const DIRECTORY_MS = 65_000

export function directoryCalls(call: Call, roomOf: (jid: string) => Room): Directory {
  const ask = <N extends keyof DirectoryCalls>(
    method: N,
    args: Parameters<DirectoryCalls[N]>[0] | null = null,
  ): ReturnType<DirectoryCalls[N]> =>
    // Calls of plug-ins go by their names; that of the worker has these types.
    call('plugin', { plugin: DIRECTORY, method, args }, { timeoutMs: DIRECTORY_MS }) as ReturnType<DirectoryCalls[N]>
  const make = async (nick: string, { jid, service, local, ...plan }: NewRoom): Promise<Room> => {
    const room = roomOf(await ask('vacant', given({ jid, service, local })))
    const { state } = room
    const { created } = await room.join({ nick })
    try {
      const { form, values } = await ask('plan', { ...plan, room: room.jid, created })
      await room.configure(form, values)
    } catch (error) {
      if (created) await room.destroy().catch(() => undefined) // the first error is the one to tell
      if (state !== 'in') await room.leave().catch(() => undefined)
      throw error
    }
    return room
  }
  return {
    services: () => ask('services'),
    rooms: (options) => ask('rooms', pageCall(options)),
    search: (wanted, options) => ask('search', { ...pageCall(options), text: text(wanted, 'search(text)') }),
    info: (room) => ask('info', { room: bareJid(room, 'info(room)') }),
    create(options) {
      oneOf(options.preset, ['public-channel', 'private-group'], 'create({ preset })')
      for (const name of ['jid', 'service', 'local', 'name', 'description', 'language'] as const)
        optional(options[name], 'string', `create({ ${name} })`)
      return make(nickname(options.nick, 'create({ nick })'), options)
    },
  }
}

function pageCall({ service, after, limit = 50 }: RoomsOptions = {}) {
  mustBe(Number.isInteger(limit) && limit >= 1 && limit <= 500, 'limit must be a whole number from 1 to 500')
  optional(after, 'string', 'after')
  return given({ service: service === undefined ? service : bareJid(service, 'service'), after, limit })
}
