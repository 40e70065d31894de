import type { Clock } from '../../src/broker/ports.ts'
import type { FakeRoom } from '../../src/testing/fake-room.ts'
import type { RoomHappening } from '../../src/testing/memory-room.ts'
import type { FakeOccupant } from '../../src/testing/people.ts'

/** How long people take, in milliseconds: the least, and how much more it may be. */
const NOTICE = [900, 1_800] as const
const TYPING = [1_200, 2_800] as const
const IDLE = [18_000, 30_000] as const
const AWAY = [12_000, 15_000] as const
/** Nobody talks for ever to somebody who says nothing. */
const PATIENCE_MS = 600_000
/** Nor answers faster than a person can. */
const ANSWERS_A_MINUTE = 12

/** Somebody who lives in a room. */
export interface Character {
  readonly nick: string
  /** Another name of theirs, for a while. */
  readonly alias: string
  /** Says these one after the other, when nothing else happens. */
  readonly thoughts: readonly string[]
  /** Answers a question, or anything else. */
  readonly answers: readonly string[]
}

interface Actor {
  readonly character: Character
  occupant: FakeOccupant
  /** Is about to say something, or to come back. */
  busy: boolean
  thought: number
  answer: number
}

/**
 * People who live in a room at a human pace: they greet who comes, answer who speaks, come and go, and have other names at
 * times. They are quiet where nobody is there to see it.
 */
export function liven(room: FakeRoom, cast: readonly Character[], clock: Clock): void {
  const actors = cast.map(
    (character): Actor => ({ character, occupant: room.join(character.nick), busy: false, thought: 0, answer: 0 }),
  )
  const answered: number[] = []
  let heardAtMs = 0
  let waiting = false

  const between = ([least, more]: readonly [number, number]): number => least + Math.round(clock.chance() * more)
  const isActor = (nick: string): boolean => actors.some(({ occupant }) => occupant.isIn && occupant.nick === nick)
  const guests = (): readonly string[] => room.nicks.filter((nick) => !isActor(nick))
  const free = (): readonly Actor[] => actors.filter(({ occupant, busy }) => occupant.isIn && !busy)
  const anyOf = <T>(all: readonly T[]): T | undefined =>
    all[Math.min(all.length - 1, Math.floor(clock.chance() * all.length))]

  /** Notices, writes for as long as one writes, and says it, where they are still there. */
  const speak = (actor: Actor, words: () => string): void => {
    actor.busy = true
    clock.after(between(NOTICE), () => {
      if (actor.occupant.isIn) actor.occupant.setTyping(true)
      clock.after(between(TYPING), () => {
        actor.busy = false
        if (actor.occupant.isIn) actor.occupant.say(words())
      })
    })
  }

  const mayAnswer = (): boolean => {
    const nowMs = clock.nowMs()
    while (answered[0] !== undefined && answered[0] < nowMs - 60_000) answered.shift()
    if (answered.length >= ANSWERS_A_MINUTE) return false
    answered.push(nowMs)
    return true
  }

  const hear = (heard: RoomHappening): void => {
    if (heard.kind === 'joined' && !isActor(heard.nick) && !isOfCast(heard.nick)) {
      heardAtMs = clock.nowMs()
      const greeter = anyOf(free())
      if (greeter && mayAnswer()) speak(greeter, () => `Welcome, ${heard.nick}!`)
      idle()
    } else if (heard.kind === 'message' && !isActor(heard.nick)) {
      heardAtMs = clock.nowMs()
      const named = free().filter(({ occupant }) => heard.body.toLowerCase().includes(occupant.nick.toLowerCase()))
      const actor = anyOf(named.length > 0 ? named : free())
      if (actor && mayAnswer()) speak(actor, () => answerOf(actor, heard))
      idle()
    }
  }
  const isOfCast = (nick: string): boolean => cast.some((each) => each.nick === nick || each.alias === nick)

  const answerOf = (actor: Actor, { nick, body }: { readonly nick: string; readonly body: string }): string => {
    if (/^(?:hi|hello|hey|good (?:morning|evening|night|day))\b/i.test(body)) return `Hello, ${nick}.`
    const { answers } = actor.character
    return `${nick}: ${answers[actor.answer++ % answers.length]}`
  }

  /** Whatever one does when nobody asks: one thing at a time, as long as somebody is there and says something at times. */
  const idle = (): void => {
    if (waiting || guests().length === 0 || clock.nowMs() - heardAtMs > PATIENCE_MS) return
    waiting = true
    clock.after(between(IDLE), () => {
      waiting = false
      // Who was thrown out comes back.
      for (const each of actors) if (!each.occupant.isIn && !each.busy) enter(each)
      const actor = anyOf(free())
      if (actor && guests().length > 0) live(actor)
      idle()
    })
  }

  const live = (actor: Actor): void => {
    const { character, occupant } = actor
    const chance = clock.chance()
    if (chance < 0.55) speak(actor, () => character.thoughts[actor.thought++ % character.thoughts.length] ?? '')
    else if (chance < 0.7) rename(occupant, occupant.nick === character.nick ? character.alias : character.nick)
    else if (chance < 0.85) {
      occupant.show({ show: 'away', status: 'In the kitchen' })
      clock.after(between(AWAY), () => occupant.isIn && occupant.show({}))
    } else {
      actor.busy = true
      occupant.leave('Back in a minute')
      occupant.person.leave()
      clock.after(between(AWAY), () => enter(actor))
    }
  }

  const enter = (actor: Actor): void => {
    actor.busy = false
    // Somebody may sit there by now: then they wait.
    if (!room.nicks.includes(actor.character.nick)) actor.occupant = room.join(actor.character.nick)
  }
  const rename = (occupant: FakeOccupant, nick: string): void => {
    if (!room.nicks.includes(nick)) occupant.setNick(nick)
  }

  room.listen(hear)
}
