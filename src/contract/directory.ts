// What a tab can ask of the services where rooms are.
import type { RoomInfo } from '../protocol/room-config.ts'
import type { Form, FormValues } from '../protocol/xep-0004-forms.ts'
import type { FoundRoom } from '../protocol/xep-0433-channel-search.ts'

export type { RoomInfo } from '../protocol/room-config.ts'
export type { FoundRoom } from '../protocol/xep-0433-channel-search.ts'

export const DIRECTORY = 'minimix:directory'

/** Where rooms are. */
export interface RoomService {
  readonly jid: string
  readonly name?: string
}

/** A part of what there is; the next one is asked for with its `after`, where it has one. */
export interface RoomPage {
  readonly rooms: readonly FoundRoom[]
  readonly after?: string
}

/** What a new room is to be: for everybody to find, or for those whom its members bring in. */
export type RoomPreset = 'public-channel' | 'private-group'

export interface RoomPlan {
  readonly preset: RoomPreset
  readonly name?: string
  readonly description?: string
  /** As in `xml:lang`. */
  readonly language?: string
  /** Further fields of the room's configuration, by their names; those that the room does not have are left out. */
  readonly values?: FormValues
}

export interface PageCall {
  readonly service?: string
  readonly after?: string
  readonly limit: number
}

export type DirectoryCalls = {
  services(): Promise<readonly RoomService[]>
  rooms(args: PageCall): Promise<RoomPage>
  search(args: PageCall & { readonly text: string }): Promise<RoomPage>
  info(args: { readonly room: string }): Promise<RoomInfo>
  /** The address of a room that is not there yet. */
  vacant(args: { readonly jid?: string; readonly service?: string; readonly local?: string }): Promise<string>
  /** How the form of a new room is to be filled in; where the join did not make it there was one. */
  plan(
    args: RoomPlan & { readonly room: string; readonly created: boolean },
  ): Promise<{ readonly form: Form; readonly values: FormValues }>
}
