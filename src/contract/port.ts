/** One end of a way between two: of a channel, or of a broadcast that only the two know the name of. */
export type Port = MessagePort | BroadcastChannel
