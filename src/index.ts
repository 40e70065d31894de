export type { MessageChange } from './contract/api.ts'
export { type ErrorCode, MinimixError } from './contract/errors.ts'
export type {
  AccountStatus,
  Affiliation,
  DepartureKind,
  Hat,
  HistoryWish,
  Inspection,
  JoinResult,
  LogRecord,
  Message,
  MessageState,
  Occupant,
  Reaction,
  RemovalKind,
  Role,
  RoomPhase,
  Show,
  Subject,
  WireFigures,
  XmlNode,
} from './contract/model.ts'
export type { Account } from './tab/account.ts'
export { type ConnectOptions, connect } from './tab/connect.ts'
export type { AccountEvents, RoomEvents } from './tab/events.ts'
export type { JoinOptions, Room, RoomSnapshot, SendOptions } from './tab/room.ts'
