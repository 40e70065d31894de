export type { MessageChange } from './contract/api.ts'
export type { FoundRoom, RoomInfo, RoomPage, RoomPlan, RoomPreset, RoomService } from './contract/directory.ts'
export { type ErrorCode, MinimixError } from './contract/errors.ts'
export type { Upload } from './contract/files.ts'
export type {
  AccountStatus,
  Activity,
  Affiliation,
  DepartureKind,
  Hat,
  HistoryWish,
  Inspection,
  JoinResult,
  LogLevel,
  LogRecord,
  Mention,
  Message,
  MessageState,
  Occupant,
  OwnPresence,
  Reaction,
  RemovalKind,
  Role,
  RoomConfig,
  RoomPhase,
  SharedFile,
  Show,
  Sticker,
  StreamInspection,
  Subject,
  WireFigures,
  XmlNode,
} from './contract/model.ts'
export type { NotifyWhen } from './contract/notifications.ts'
export type { Plugin, PluginCalls, PluginEvents } from './contract/plugin.ts'
export type { Profile } from './contract/profile.ts'
export type {
  Form,
  FormField,
  FormValues,
  ListedPerson,
  Registration,
  VoiceRequest,
} from './contract/room-questions.ts'
export type { Contact, ContactDevice, Subscription, SubscriptionRequest } from './contract/roster.ts'
export type { NotifyReason } from './contract/unread.ts'
export type { Invite } from './protocol/invites.ts'
export { parseStyling, type StyledBlock, type StyledSpan } from './protocol/xep-0393-styling.ts'
export type { Bookmark } from './protocol/xep-0402-bookmarks.ts'
export type { Account } from './tab/account.ts'
export type { AvatarCalls, AvatarOwner } from './tab/avatars.ts'
export type { BlockingCalls } from './tab/blocking.ts'
export type { BookmarkCalls } from './tab/bookmarks.ts'
export type { SearchOptions } from './tab/check.ts'
export { type ConnectOptions, connect } from './tab/connect.ts'
export type { Directory, NewRoom, RoomsOptions } from './tab/directory.ts'
export type { AccountEvents, RoomEvents } from './tab/events.ts'
export type { NotificationSettings } from './tab/notifications.ts'
export type { PluginHandle } from './tab/plugin-handle.ts'
export type { ProfileCalls } from './tab/profile.ts'
export type { Room } from './tab/room.ts'
export type { History, HistoryOptions, JoinOptions, OutgoingMessage, SendOptions } from './tab/room-options.ts'
export type { RoomSnapshot } from './tab/room-state.ts'
export type { RosterCalls, RosterEvents, RosterSnapshot } from './tab/roster.ts'
export type { SendFileOptions } from './tab/uploads.ts'
