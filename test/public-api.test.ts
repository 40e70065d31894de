import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type ErrorCode, failure } from '../src/contract/errors.ts'
import * as page from '../src/index.ts'
import * as react from '../src/react.ts'
import * as broker from '../src/start-broker.ts'

/** Every exported name is a promise for years: a new one, or one less, is a decision that is seen here. */
const TYPES = [
  'Account',
  'AccountEvents',
  'AccountStatus',
  'Activity',
  'Affiliation',
  'AvatarCalls',
  'AvatarOwner',
  'BlockingCalls',
  'Bookmark',
  'BookmarkCalls',
  'Chat',
  'ChatEvents',
  'ChatSnapshot',
  'ChatSummary',
  'ConnectOptions',
  'Contact',
  'ContactDevice',
  'DepartureKind',
  'Directory',
  'ErrorCode',
  'Form',
  'FormField',
  'FormValues',
  'FoundRoom',
  'Hat',
  'History',
  'HistoryOptions',
  'HistoryWish',
  'Inspection',
  'Invite',
  'JoinOptions',
  'JoinResult',
  'ListedPerson',
  'LogLevel',
  'LogRecord',
  'Mention',
  'Message',
  'MessageChange',
  'MessageState',
  'NewRoom',
  'NotificationSettings',
  'NotifyReason',
  'NotifyWhen',
  'Occupant',
  'OutgoingMessage',
  'OwnPresence',
  'Plugin',
  'PluginCalls',
  'PluginEvents',
  'PluginHandle',
  'Profile',
  'ProfileCalls',
  'Reaction',
  'Registration',
  'RemovalKind',
  'Role',
  'Room',
  'RoomConfig',
  'RoomEvents',
  'RoomInfo',
  'RoomPage',
  'RoomPhase',
  'RoomPlan',
  'RoomPreset',
  'RoomService',
  'RoomSnapshot',
  'RoomsOptions',
  'RosterCalls',
  'RosterEvents',
  'RosterSnapshot',
  'SearchOptions',
  'SendFileOptions',
  'SendOptions',
  'SharedFile',
  'Show',
  'Sticker',
  'StreamInspection',
  'StyledBlock',
  'StyledSpan',
  'Subject',
  'Subscription',
  'SubscriptionRequest',
  'Upload',
  'VoiceRequest',
  'WireFigures',
  'XmlNode',
]
const VALUES = ['MinimixError', 'connect', 'parseStyling']

/** What a file exports as types: what is written out by name in lists, but for values. */
function typesOf(file: string): string[] {
  const source = readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8')
  return [...source.matchAll(/export\s+(type\s+)?\{([^}]*)\}/g)]
    .flatMap(([, all, list = '']) =>
      list.split(',').flatMap((name) => (all || /\btype\b/.test(name) ? [name.replace(/\btype\b/, '').trim()] : [])),
    )
    .filter((name) => name !== '')
    .sort()
}

test('a page can import these values', () => {
  expect(Object.keys(page).sort()).toEqual(VALUES)
})

test('a page with React can import these values and types', () => {
  const values = ['useAccount', 'useMessages', 'useOccupants', 'useRoom', 'useUnread']
  const types = ['AccountConnection', 'JoinedRoom', 'MessagesOptions', 'RoomJoin', 'ShownMessages', 'UnreadCounts']

  expect(Object.keys(react).sort()).toEqual(values)
  expect(typesOf('react.ts')).toEqual(types)
})

test('a page can import these types', () => {
  expect(typesOf('index.ts')).toEqual(TYPES)
})

test('a worker can import this', () => {
  const xml = ['child', 'childText', 'childrenOf', 'el', 'textOf']
  const types = ['ErrorCode', 'Envelope', 'Failure', 'Plugin', 'PluginCalls', 'PluginEvents', 'PluginParts']

  expect(Object.keys(broker).sort()).toEqual([...xml, 'MinimixError', 'bareOf', 'failure', 'startBroker'].sort())
  expect(typesOf('start-broker.ts')).toEqual([...types, 'PluginStore', 'PluginWorker', 'Upstream', 'XmlNode'].sort())
})

describe('MinimixError', () => {
  test('is an error with a code, and carries what more is known', () => {
    const error = new page.MinimixError(
      failure('room-nick-conflict', 'join r@m as juliet: conflict', {
        condition: 'conflict',
        nick: 'juliet',
        text: 'taken',
      }),
    )

    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'MinimixError',
      message: 'join r@m as juliet: conflict',
      code: 'room-nick-conflict',
      retry: false,
      condition: 'conflict',
      nick: 'juliet',
      text: 'taken',
    })
    expect(error.stack).toContain('public-api.test')
  })

  test('has no field for what is not known', () => {
    expect(Object.keys(new page.MinimixError(failure('timeout', 'x'))).sort()).toEqual(['code', 'name', 'retry'])
  })

  test.each<[ErrorCode, boolean]>([
    ['service-unreachable', true],
    ['timeout', true],
    ['worker-gone', true],
    ['offline', true],
    ['room-locked', true],
    ['room-full', true],
    ['room-unreachable', true],
    ['credentials-required', false],
    ['not-authorized', false],
    ['aborted', false],
    ['worker-unavailable', false],
    ['outdated', false],
    ['jid-malformed', false],
    ['not-joined', false],
    ['storage-full', false],
    ['storage-closed', false],
    ['room-password-required', false],
    ['room-nick-conflict', false],
    ['room-nick-not-acceptable', false],
    ['room-banned', false],
    ['room-members-only', false],
    ['room-not-found', false],
    ['room-gone', false],
    ['room-creation-forbidden', false],
    ['forbidden', false],
    ['not-acceptable', false],
    ['stanza-error', false],
  ])('of code %s can help itself when tried again: %s', (code, retry) => {
    expect(failure(code, 'x').retry).toBe(retry)
  })

  test('crosses a port as data', () => {
    const crossed = structuredClone(failure('room-gone', 'x', { alternate: 'other@m' }))

    expect(new page.MinimixError(crossed)).toMatchObject({ code: 'room-gone', alternate: 'other@m' })
  })
})
