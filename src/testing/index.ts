export type { FakeRoom, JoinWords, Said } from './fake-room.ts'
export { type FakeServer, type FakeServerOptions, fakeServer } from './fake-server.ts'
export type { FakeOccupant, FakePerson, Heard, Shown } from './people.ts'
export type { RoomSettings } from './room-config.ts'
