import type { Clock } from '../../src/broker/ports.ts'
import { FakeRoom } from '../../src/testing/fake-room.ts'
import { MemoryServer } from '../../src/testing/memory-server.ts'
import { type Character, liven } from './lively.ts'

/** Where nobody is but this browser. */
export const DOMAIN = 'minimix.example'
export const MUC_DOMAIN = `rooms.${DOMAIN}`
export const ROOM = `orchard@${MUC_DOMAIN}`

const SUBJECT = 'The Capulet orchard: come in by as many tabs as you like'

const HISTORY = [
  'The garden gate is open. Mind the wall, it is high.',
  'There is no server behind this page. We live in the worker that your tabs share, and end with the last of them.',
  'Open this page in a second tab, then in a third. To everybody in here you are still one person: nobody sees you come in again.',
]

const CAST: readonly Character[] = [
  {
    nick: 'Romeo',
    alias: 'Romeo, on the wall',
    thoughts: [
      'It is the east, and this tab is the sun.',
      'I climbed over. The wall was higher than last time.',
      'Did you hear that? I thought somebody called.',
      'How many tabs do you have open? I see one of you.',
    ],
    answers: [
      'with all my heart.',
      'say that again in another tab, it sounds even better.',
      'I would, if the wall were lower.',
    ],
  },
  {
    nick: 'Nurse',
    alias: 'Nurse, out of breath',
    thoughts: [
      'My back aches. Who builds stairs like that?',
      'I have left the soup on. No matter.',
      'Close one of your tabs, if you like: I would not notice.',
    ],
    answers: [
      'ask me when I have got my breath back.',
      'in my day we had one window, and shared it.',
      'yes, yes. And the soup?',
    ],
  },
  {
    nick: 'Bob',
    alias: 'Bob, gardening',
    thoughts: [
      'The roses by any other name need water, too.',
      'I am not even in this play.',
      'Reload the page. You will still have been here all the time.',
    ],
    answers: [
      'I only do the garden.',
      'that sounds right to me.',
      'let me look it up … no, I cannot, there is no server here.',
    ],
  },
]

/** A server in memory, with some life in its first room. */
export function orchard(clock: Clock): MemoryServer {
  const server = new MemoryServer({ clock })
  const memory = server.room(ROOM)
  memory.exists = true
  memory.settings = { ...memory.settings, name: 'The orchard', persistent: true, anybodyChangesSubject: true }
  const room = new FakeRoom(ROOM, server)
  room.addHistory(HISTORY.map((body) => ({ nick: 'Nurse', body })))
  room.setSubject(SUBJECT, 'Nurse')
  liven(room, CAST, clock)
  return server
}
