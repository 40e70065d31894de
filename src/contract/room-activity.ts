export const ROOM_ACTIVITY = 'minimix:room-activity'

export type RoomActivityEvents = { activity: { readonly room: string } }
