import type { Message, Room, RoomSnapshot } from 'minimix-web'

/** What a room is. */
export const stateOf = (room: Room) => ({
  subscribe(run: (state: RoomSnapshot) => void): () => void {
    run(room.snapshot())
    return room.subscribe(() => run(room.snapshot()))
  },
})

/** Its messages, oldest first: the newest page, what comes, and what becomes of them. */
export const messagesOf = (room: Room, limit = 50) => ({
  subscribe(run: (messages: readonly Message[]) => void): () => void {
    const off = new AbortController()
    let byId = new Map<string, Message>()
    const put = (message: Message) => {
      byId.set(message.id, message)
      run([...byId.values()])
    }
    const read = async () => {
      const { messages } = await room.history({ limit })
      if (off.signal.aborted) return
      const told = [...byId.values()]
      const overlap = told.findIndex(({ id }) => id === messages[0]?.id)
      // What was told goes on behind the page, and may begin before it. It is as new as the page, or newer.
      const all = [...told.slice(0, Math.max(overlap, 0)), ...messages, ...told]
      byId = new Map(all.map((message) => [message.id, message]))
      run([...byId.values()])
    }
    const enter = () => {
      byId.clear()
      read().catch(console.error)
    }
    room.on('joined', enter, off)
    room.on('message', put, off)
    room.on('message-updated', ({ message }) => byId.has(message.id) && put(message), off)
    run([])
    if (room.state === 'in' || room.state === 'interrupted') enter()
    return () => off.abort()
  },
})
