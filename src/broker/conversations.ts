import type { TabEvent } from '../contract/api.ts'
import type { Input } from '../rooms/inputs.ts'
import type { Room, TabId } from '../rooms/room.ts'
import type { Chats } from './chats.ts'
import type { Rooms } from './rooms.ts'
import type { TabLink } from './tab-link.ts'

/** All that the account says and hears: in rooms, and with one person each. */
export class Conversations {
  readonly #rooms: Rooms
  #chats: Chats | undefined

  constructor(rooms: Rooms) {
    this.#rooms = rooms
  }

  /** Nothing where there has been no word with anybody alone, as far as this browser knows. */
  get chats(): Chats | undefined {
    return this.#chats
  }

  /** From here on there are chats, too. */
  begin(chats: Chats): void {
    this.#chats = chats
  }

  get(jid: string): Room | undefined {
    return this.#rooms.get(jid) ?? this.#chats?.get(jid)
  }

  /** A room that is there is one, whatever was there before. */
  isChat(jid: string): boolean {
    return this.#rooms.get(jid) === undefined && (this.#chats?.has(jid) ?? false)
  }

  /** What a tab is to know of those that it has not asked for. */
  get told(): readonly TabEvent[] {
    return [...this.#rooms.unread, ...(this.#chats?.told ?? [])]
  }

  step(jid: string, input: Input): void {
    if (input.on !== 'tab-joins' && this.isChat(jid)) this.#chats?.step(jid, input)
    else this.#rooms.step(jid, input)
  }

  stepAll(input: Input): void {
    this.#rooms.stepAll(input)
    this.#chats?.stepAll(input)
  }

  tabGone(tab: TabId): void {
    this.#rooms.tabGone(tab)
    this.#chats?.tabGone(tab)
  }

  showAgain(link: TabLink): void {
    this.#rooms.showAgain(link)
    this.#chats?.showAgain(link)
  }

  /** @param restored the session that goes on is the one of the worker before */
  streamIs(is: Extract<Input, { on: 'stream' }>['is'], restored = false): void {
    this.#rooms.stepAll({ on: 'stream', is })
    if (is === 'suspended' || is === 'lost') this.#chats?.offline(is === 'lost')
    else this.#chats?.online(is === 'online' ? 'new' : restored ? 'restored' : 'again')
  }
}
