import type { MessageChange } from '../contract/api.ts'
import type { MinimixError } from '../contract/errors.ts'
import type { Upload } from '../contract/files.ts'
import type {
  AccountStatus,
  Affiliation,
  DepartureKind,
  JoinResult,
  Message,
  Occupant,
  OwnPresence,
  RemovalKind,
  RoomConfig,
  Subject,
  XmlNode,
} from '../contract/model.ts'
import type { NotifyWhen } from '../contract/notifications.ts'
import type { VoiceRequest } from '../contract/room-questions.ts'
import type { NotifyReason } from '../contract/unread.ts'
import type { Invite } from '../protocol/invites.ts'
import type { Bookmark } from '../protocol/xep-0402-bookmarks.ts'

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
  /** Of somebody who is not in the room. */
  'affiliation-changed': {
    readonly jid: string
    readonly affiliation: Affiliation
    readonly reason?: string
    readonly actor?: string
  }
  /** This tab is in. */
  joined: JoinResult
  message: Message
  /** From one occupant to us alone, or from another tab of ours to one occupant. */
  'private-message': Message
  'message-updated': { readonly message: Message; readonly change: MessageChange }
  /** Ends the join; later each change. */
  subject: Subject
  /** Who types now, of the others; a nick goes when they stop, leave, say something, or after 30 s. */
  typing: { readonly nicks: readonly string[] }
  /** What the room is has changed; the codes are those of XEP-0045 (104, 170 to 174). */
  config: { readonly config: RoomConfig | undefined; readonly codes: readonly number[] }
  /** The room is new, and this tab is to configure it: `configure()` without anything takes the defaults. */
  'configuration-needed': Readonly<Record<string, never>>
  /** A visitor wants to speak; answer with `answerVoiceRequest`. */
  'voice-request': VoiceRequest
  /** What was missed is being read up from the room's archive: so many messages so far. */
  'catching-up': { readonly active: boolean; readonly done: number }
  interrupted: { readonly cause: string }
  resumed: { readonly cause: string }
  /** This tab is out, by its own will or by `everywhere`. */
  left: { readonly everywhere: boolean }
  removed: { readonly kind: RemovalKind; readonly actor?: string; readonly reason?: string }
  destroyed: { readonly reason?: string; readonly alternate?: string; readonly password?: string }
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
  /** What the account shows of itself, whichever tab wanted it. */
  presence: OwnPresence
  /** Somebody invites the account; once for all ways in which it came. Join the room, or `declineInvite`. */
  invite: Invite
  /** It has been answered in some tab, or the account is in the room by now. */
  'invite-closed': { readonly room: string }
  /** Somebody whom we invited does not come: told to the tab that invited them, where it is gone to all. */
  'invite-declined': { readonly room: string; readonly from: string; readonly reason?: string }
  /** Set, or without a bookmark, removed; here or on another device. */
  bookmark: { readonly room: string; readonly bookmark?: Bookmark }
  /** Every message and presence, and the requests that nobody knows; `handled`: the SDK made something of it. */
  stanza: { readonly stanza: XmlNode; readonly handled: boolean }
  /** What of a room nobody has seen changed, in whatever tab or device. */
  unread: { readonly room: string; readonly unread: number; readonly mentions: number }
  /**
   * A message is worth a notification: it mentions us, is for us alone, or is in a room of which the person wants all
   * (`notifications`), and nobody sees it. Told to one tab, the one that the person was at last.
   */
  notify: { readonly room: string; readonly message: Message; readonly reason: NotifyReason }
  /** Which messages of a room are worth a notification, or without a room, by default: set here or on another device. */
  notifications: { readonly room?: string; readonly when?: NotifyWhen }
  /**
   * Something was said in a bookmarked room that the account is not in, on a service that says so (XEP-0437); how much is
   * not known. It holds until the account comes in.
   */
  activity: { readonly room: string }
  /** A file is on its way, whichever tab sent it; `sent`: the message about it is. */
  upload: { readonly upload: Upload; readonly state: 'uploading' | 'sent' | 'failed'; readonly error?: MinimixError }
  /** Another version of the SDK runs this account: nothing works in this tab until it is loaded anew. */
  outdated: { readonly error: MinimixError }
  /** Nobody's call failed, but a developer should know. */
  error: MinimixError
}

/** One event of a room with its name, as it is told to listeners. */
export type NamedRoomEvent = {
  [N in keyof RoomEvents]: { readonly name: N; readonly event: RoomEvents[N] }
}[keyof RoomEvents]
