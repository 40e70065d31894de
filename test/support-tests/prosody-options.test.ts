import { beforeAll, expect, test } from 'vitest'
import { ensurePrograms } from '../support/install.ts'
import { type Element, RawClient } from '../support/raw-client.ts'
import { configureRoom } from '../support/raw-room.ts'
import { type ChatServer, type ProsodyOptions, startProsody } from '../support/servers/index.ts'

const ACCOUNTS = { alice: 'pw', bob: 'pw' }

beforeAll(() => ensurePrograms(['prosody'], { say: () => undefined }), 600_000)

function start(options: ProsodyOptions): Promise<ChatServer> {
  return startProsody({ accounts: ACCOUNTS, ...options })
}

function connect(server: ChatServer, name: string, streamManagement = false): Promise<RawClient> {
  return RawClient.connect({
    url: server.url,
    jid: `${name}@${server.domain}`,
    password: 'pw',
    resource: 'one',
    streamManagement,
  })
}

/** How many presences of occupants, not of the room itself. */
function occupants(stanzas: readonly Element[]): number {
  return stanzas.filter((stanza) => stanza.is('presence') && stanza.attrs['from']?.includes('/')).length
}

test('roomLocking: nobody can come in before the owner has configured the room', async () => {
  await using server = await start({ roomLocking: true })
  await using alice = await connect(server, 'alice')
  await using bob = await connect(server, 'bob')
  const room = `locked@${server.mucDomain}`
  await alice.join(room, 'alice')

  await expect(bob.join(room, 'bob')).rejects.toMatchObject({ condition: 'item-not-found' })
  await configureRoom(alice, room)

  await bob.join(room, 'bob')
}, 30_000)

test('fakeOccupants: whoever joins after the first one meets them, in that room only', async () => {
  await using server = await start({ fakeOccupants: { 'big@muc.localhost': 500 } })
  await using alice = await connect(server, 'alice')
  await using bob = await connect(server, 'bob')

  const first = await alice.join('big@muc.localhost', 'alice')
  const second = await bob.join('big@muc.localhost', 'bob')
  await alice.join('small@muc.localhost', 'alice')
  const small = await bob.join('small@muc.localhost', 'bob')

  expect([first, second, small].map(occupants)).toEqual([1, 502, 2])
}, 30_000)

test('historyLength: a room sends no more messages than that', async () => {
  await using server = await start({ historyLength: 2 })
  await using alice = await connect(server, 'alice')
  await using bob = await connect(server, 'bob')
  const room = `short@${server.mucDomain}`
  await alice.join(room, 'alice')
  for (const body of ['1', '2', '3']) await alice.say(room, body)

  const joined = await bob.join(room, 'bob')

  expect(joined.flatMap((stanza) => stanza.getChildText('body') ?? [])).toEqual(['2', '3'])
}, 30_000)

test('hibernationSeconds: a session without connection ends after that time', async () => {
  await using server = await start({ hibernationSeconds: 1 })
  await using alice = await connect(server, 'alice')
  const bob = await connect(server, 'bob', true)
  const room = `sleepers@${server.mucDomain}`
  await alice.join(room, 'alice')
  await bob.join(room, 'bob')
  const since = alice.mark()

  bob.drop()
  await alice.waitFor((s) => s.attrs['from'] === `${room}/bob` && s.attrs['type'] === 'unavailable', {
    what: "the end of bob's session",
    since,
    deadlineMs: 5_000,
  })
}, 30_000)

test('extraConfig: its settings win over those of the template', async () => {
  await using server = await start({ extraConfig: 'log = { { levels = { min = "debug" }; to = "console" } }' })

  expect(server.log().some((line) => /\bdebug\b/.test(line))).toBe(true)
}, 30_000)
