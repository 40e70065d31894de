import type { Input } from '../rooms/inputs.ts'
import type { Conversations } from './conversations.ts'
import type { LateParts } from './late-parts.ts'
import { notLoaded } from './later.ts'
import type { OnReply, SaidByPlugin } from './plugins.ts'
import type { Tabs } from './tabs.ts'

const WAIT_MS = 20_000

export interface WordsWorld {
  readonly tabs: Tabs
  readonly late: LateParts
  readonly conversations: Conversations
  readonly stepRoom: (room: string, input: Input) => void
}

/** What a plug-in says, in a room or to one person. */
export function sayFor(
  { tabs, late, conversations, stepRoom }: WordsWorld,
  room: string,
  { chat, ...words }: SaidByPlugin,
  onReply: OnReply,
): void {
  // Of no tab: it may be gone before the answer comes.
  const call = tabs.openCall('', onReply)
  const input = { on: 'worker-says', ...words, call, waitMs: WAIT_MS } as const
  if (!chat) return stepRoom(room, input)
  const begin = (): void => {
    if (conversations.chats) conversations.chats.begin(room, input)
    else tabs.fail(call, notLoaded(`send to ${room}`))
  }
  const waits = late.need()
  if (waits) void waits.then(begin)
  else begin()
}
