// Row R7; check 17.
import { expect } from 'expect'
import { el, StanzaError, statusCodes } from '../../support/raw-client.ts'
import { type Case, conform, type Setting } from '../case.ts'
import { NICK, names, only, pair, settle, untilTabsAre } from '../steps.ts'
import { asks, sent } from '../wire.ts'

const DISCO_INFO = 'http://jabber.org/protocol/disco#info'
const OWNER = 'http://jabber.org/protocol/muc#owner'

/** The room is no more: while it ends, some servers answer nobody. */
async function roomEnded({ bob }: Setting, room: string): Promise<void> {
  const info = () => el('iq', { type: 'get', to: room }, el('query', { xmlns: DISCO_INFO }))
  const lastMs = performance.now() + 15_000
  while (performance.now() < lastMs) {
    const found = await bob.request(info(), 2_000).catch((error: unknown) => error)
    if (found instanceof StanzaError) return
  }
  throw new Error(`${room} is still there`)
}

/** The condition with which Bob is kept out, or `created` or `in`. */
async function bobAt({ bob }: Setting, room: string): Promise<string> {
  try {
    const entry = await bob.join(room, 'Bob')
    return entry.some((stanza) => statusCodes(stanza).includes('201')) ? 'created' : 'in'
  } catch (error) {
    if (error instanceof StanzaError) return error.condition
    throw error
  }
}

/** A room that was there once may say so for a while, even where nobody but its maker had been in it. */
const GIVEN_UP = ['created', 'gone']
/** It was there only as long as somebody was in it, or is as any other room. */
const OPEN = ['created', 'in']

export const newRoom: readonly Case[] = [
  conform(
    'J24',
    'Only the tab whose join made the room is told 201 and asked to configure it; others get an ordinary join.',
    async (setting) => {
      const room = setting.newAddress()
      const [first, second] = await pair(setting)

      const made = await first.join(room, NICK)
      await first.sees({ room, name: 'configuration-needed' })
      const found = await second.join(room, NICK)
      await settle(setting)

      expect(made).toMatchObject({ created: true })
      expect(made.codes).toContain(201)
      expect((await first.state(room)).needsConfiguration).toBe(true)
      expect(found).toMatchObject({ created: false, nick: 'Juliet' })
      expect(found.codes).not.toContain(201)
      expect(names(await second.told(room))).toBe('joined subject')
      expect((await second.state(room)).needsConfiguration).toBe(false)
      for (const tab of [first, second]) {
        const { self } = await tab.state(room)
        expect(self).toMatchObject({ affiliation: 'owner', role: 'moderator' })
        expect(self?.occupantId !== undefined).toBe(setting.can.has('occupant ids'))
      }
    },
  ),

  conform(
    'J25',
    'A new room is open to others once the tab that made it has taken the defaults.',
    async (setting) => {
      const room = setting.newAddress()
      const tab = await setting.tab()
      await tab.join(room, NICK)
      expect(await bobAt(setting, room)).toBe('item-not-found')

      await tab.room(room, 'configure')

      expect((await tab.state(room)).needsConfiguration).toBe(false)
      expect(await bobAt(setting, room)).toBe('in')
    },
    { needs: ['locked rooms'], watched: false },
  ),

  conform(
    'J26',
    'Where the tab that made a room dies before it has configured it, another tab is asked to, and can.',
    async (setting) => {
      const room = setting.newAddress()
      // The worker lives in the process of the tab that made it: the one that dies must be another.
      const [second, first] = await pair(setting)
      await first.join(room, NICK)
      await first.sees({ room, name: 'configuration-needed' })
      await second.join(room, NICK)

      await first.crash()
      await second.sees({ room, name: 'configuration-needed' })

      expect((await second.state(room)).needsConfiguration).toBe(true)
      await second.room(room, 'configure')
      await settle(setting, second)
      expect(only(await second.told(room), 'configuration-needed')).toHaveLength(1)
      expect(await bobAt(setting, room)).toBe('in')
    },
    { watched: false, needs: ['way to crash one tab'] },
  ),

  conform(
    'J27',
    'Where the one tab in a new room leaves before it has configured it, the room does not stay locked.',
    async (setting) => {
      const room = setting.newAddress()
      const tab = await setting.tab()
      await tab.join(room, NICK)
      await tab.sees({ room, name: 'configuration-needed' })

      await tab.leave(room)
      await settle(setting)

      expect(OPEN).toContain(await bobAt(setting, room))
    },
    { watched: false },
  ),

  conform(
    'J28',
    'Where the one tab in a new room dies before it has configured it, the room does not stay locked.',
    async (setting) => {
      const { wire } = setting
      const room = setting.newAddress()
      const [other, tab] = await pair(setting)
      await tab.join(room, NICK)
      await tab.sees({ room, name: 'configuration-needed' })
      const mark = wire.frames.mark()

      await tab.crash()
      await untilTabsAre(1, other)
      // The time in which a tab that died may turn out to have been reloaded.
      await other.advance(13_000)
      await wire.waitForFrame(({ dir, text }) => dir === 'up' && text.includes(OWNER), 10_000, mark)
      await settle(setting, other)

      expect(OPEN).toContain(await bobAt(setting, room))
    },
    { clock: true, watched: false, needs: ['way to crash one tab'] },
  ),

  conform(
    'J29',
    'A tab can give up the configuration of a room that it made: the room is gone, with one request.',
    async (setting) => {
      const { wire } = setting
      const room = setting.newAddress()
      const tab = await setting.tab()
      await tab.join(room, NICK)
      await tab.sees({ room, name: 'configuration-needed' })
      const mark = wire.frames.mark()

      await tab.room(room, 'cancelConfiguration')
      await tab.sees({ room, name: 'destroyed' })
      await settle(setting)

      expect(sent(wire, mark).filter((stanza) => asks(stanza, OWNER))).toHaveLength(1)
      expect((await tab.state(room)).needsConfiguration).toBe(false)
      expect((await tab.state(room)).state).toBe('destroyed')
      await roomEnded(setting, room)
      expect(GIVEN_UP).toContain(await bobAt(setting, room))
    },
    { watched: false },
  ),
]
