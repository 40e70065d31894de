import type { MessageChange } from '../contract/api.ts'
import type { MinimixError } from '../contract/errors.ts'
import type {
  AccountStatus,
  DepartureKind,
  JoinResult,
  Message,
  Occupant,
  RemovalKind,
  Subject,
} from '../contract/model.ts'

/** What `room.on(…)` can listen to, and what each listener gets. */
export interface RoomEvents {
  /** Another occupant is there. */
  'occupant-joined': {
    readonly occupant: Occupant
    /** Part of the join: they were there before. */
    readonly initial: boolean
    /** Worked out after a reconnect, not seen. */
    readonly synthetic: boolean
  }
  'occupant-left': {
    readonly occupant: Occupant
    readonly kind: DepartureKind
    readonly reason?: string
    readonly actor?: string
    readonly synthetic: boolean
  }
  /** Show, status, role, affiliation, hats or avatar. */
  'occupant-changed': { readonly occupant: Occupant; readonly before: Occupant; readonly synthetic: boolean }
  /** Somebody, or we ourselves, go by another nick. */
  'nick-changed': {
    readonly occupant: Occupant
    readonly before: Occupant
    readonly own: boolean
    readonly synthetic: boolean
  }
  /** This tab is in. */
  joined: JoinResult
  message: Message
  'message-updated': { readonly message: Message; readonly change: MessageChange }
  /** Ends the join; later each change. */
  subject: Subject
  config: { readonly codes: readonly number[] }
  interrupted: { readonly cause: string }
  resumed: { readonly cause: string }
  /** This tab is out, by its own will or by `everywhere`. */
  left: { readonly everywhere: boolean }
  removed: { readonly kind: RemovalKind; readonly actor?: string; readonly reason?: string }
  destroyed: { readonly reason?: string; readonly alternate?: string }
}

/** What `account.on(…)` can listen to. */
export interface AccountEvents {
  status: { readonly status: AccountStatus; readonly error?: MinimixError }
  /** The account entered or left a room, whichever tab or device wanted it. */
  membership: {
    readonly room: string
    readonly change: 'joined' | 'left' | 'removed'
    readonly by: 'this-tab' | 'other-tab' | 'bookmark' | 'room'
  }
  /** Nobody's call failed, but a developer should know. */
  error: MinimixError
}

/** One event of a room with its name, as it is told to listeners. */
export type NamedRoomEvent = {
  [N in keyof RoomEvents]: { readonly name: N; readonly event: RoomEvents[N] }
}[keyof RoomEvents]
