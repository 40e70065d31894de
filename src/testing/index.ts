export { FakeRoom, type JoinWords, type Said } from './fake-room.ts'
export { FakeServer, type FakeServerOptions, fakeServer } from './fake-server.ts'
export { FakeOccupant, FakePerson, type Heard, type Shown } from './people.ts'
export type { RoomSettings } from './room-config.ts'
