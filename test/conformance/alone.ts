// What a tab has of a room, beside what a client by itself gets of it from the server in the same moment.
import { expect } from 'expect'
import type { Told } from '../support/browser/harness.ts'
import type { Tab } from '../support/browser/tab.ts'
import type { JoinOptions } from '../support/raw-client.ts'
import type { Setting } from './case.ts'
import { names, only, settle } from './steps.ts'
import { type Entry, entryOf, type Line, type Person } from './witness.ts'

/** A tab has a message by the wire at once, the room's clock may count whole seconds. */
const CLOCKS_MS = 5_000
/** What describes the room or us as they are; others tell of what one join did (XEP-0045 section 15.6.2). */
const LASTING = [100, 110, 170]
const JOIN = /^(occupant-joined )*joined (message )*subject$/

/** An entry without what differs from one client of an account to the next. */
export function comparable({ others, self, codes, history, subject }: Entry) {
  const { stampMs: _stamp, ...words } = subject
  return {
    others,
    self: { ...self, ...(self.jid !== undefined && { jid: self.jid.split('/', 1)[0] }) },
    codes: codes.filter((code) => LASTING.includes(code)).sort(),
    history: history.map(({ stampMs: _stamp, ...line }) => line),
    subject: words,
  }
}

/** What a tab was told from its join to the subject that ends it. */
export async function toldOfJoin(tab: Tab, room: string): Promise<readonly Told[]> {
  const told = await tab.told(room)
  const end = told.findIndex(({ name }) => name === 'subject')
  return told.slice(0, end + 1)
}

/** What a tab was given by its join: event for event. */
export async function entryOfTab(tab: Tab, room: string): Promise<Entry> {
  const told = await toldOfJoin(tab, room)
  expect(names(told)).toMatch(JOIN)
  const people = only(told, 'occupant-joined').map(({ event }) => personIn(event.occupant))
  const others = Object.fromEntries(people.map((person) => [person.nick, person]))
  expect(Object.keys(others)).toHaveLength(people.length)
  const { self } = await tab.state(room)
  if (!self) throw new Error('the tab is not in')
  return {
    others,
    self: personIn(self),
    codes: only(told, 'joined')[0]?.event.codes,
    history: only(told, 'message').map(({ event }) => lineIn(event)),
    subject: told.at(-1)?.event,
  }
}

/** Who is in the room for a tab now. */
export async function peopleIn(tab: Tab, room: string): Promise<Record<string, Person>> {
  const { occupants, nick } = await tab.state(room)
  const others = Object.entries(occupants).filter(([each]) => each !== nick)
  return Object.fromEntries(others.map(([each, occupant]) => [each, personIn(occupant)]))
}

/** A tab has of each person what a client by itself can know, and its own notes, which are left out here. */
function personIn(occupant: object): Person {
  const { own: _own, ownAccount: _account, ...person } = occupant as Person & Record<'own' | 'ownAccount', boolean>
  return person
}

function lineIn({ id, nick, body, occupantId, stampMs }: Line & { readonly id: string }): Line {
  return { id, nick, body, ...(occupantId !== undefined && { occupantId }), ...(stampMs !== undefined && { stampMs }) }
}

/** What a new client of the account, which shares no code with the SDK, gets of the room now. */
export async function witnessOf(
  setting: Setting,
  options: JoinOptions = {},
  room = setting.room,
  resource = 'witness',
): Promise<Entry> {
  const witness = await setting.device(resource)
  return entryOf(await witness.join(room, 'Juliet', options), room)
}

/**
 * Each of the tabs got from its join what a client by itself gets now; and that such a client comes is nobody's news.
 * What goes on in the room must be over.
 */
export async function mustBeLikeAlone(
  setting: Setting,
  tabs: readonly Tab[],
  options: JoinOptions = {},
  room = setting.room,
): Promise<Entry> {
  await settle(setting)
  const marks = await Promise.all(tabs.map((tab) => tab.mark()))
  const alone = await witnessOf(setting, options, room)
  await settle(setting)
  for (const [at, tab] of tabs.entries()) {
    const entry = await entryOfTab(tab, room)
    expect(comparable(entry)).toEqual(comparable(alone))
    mustAgreeOnTime(entry, alone)
    expect(await peopleIn(tab, room)).toEqual(alone.others)
    expect(await tab.toldSince(marks[at] ?? 0)).toEqual([])
  }
  return alone
}

function mustAgreeOnTime(entry: Entry, alone: Entry): void {
  const near = (a: number | undefined, b: number | undefined): void => {
    expect(Math.abs((a ?? Number.NaN) - (b ?? Number.NaN))).toBeLessThan(CLOCKS_MS)
  }
  for (const [at, line] of alone.history.entries()) near(entry.history[at]?.stampMs, line.stampMs)
  if (alone.subject.stampMs !== undefined) near(entry.subject.stampMs, alone.subject.stampMs)
}
