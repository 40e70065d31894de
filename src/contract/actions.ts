// What can be done to a message that is there, and what can be said beside a text.

/** What one person feels about a message. */
export interface Reactor {
  /** What identifies them in the room, else their nick. */
  readonly who: string
  readonly nick: string
  readonly own: boolean
  /** None any more, where they took them back. */
  readonly emojis: readonly string[]
  readonly atMs: number
}

/** Beside the text of a message. */
export interface Extras {
  /** The id of the message that it answers. */
  readonly replyTo?: string
  /** The hint of a spoiler, which may be empty. */
  readonly spoiler?: string
  readonly attention?: boolean
  /** The nicks of those whom it names. */
  readonly mentions?: readonly string[]
}

/** Something that is done to a message. */
export type Act =
  | { readonly act: 'correct'; readonly body: string }
  | { readonly act: 'retract' }
  /** All of ours, in place of those before. */
  | { readonly act: 'react'; readonly emojis: readonly string[] }
  /** Takes anybody's message away. */
  | { readonly act: 'moderate'; readonly reason?: string }

export interface ActCall {
  readonly room: string
  /** Chosen by the tab. */
  readonly id: string
  /** The id of the message. */
  readonly target: string
  readonly act: Act
  /** How long to wait for the room's reflection. */
  readonly waitMs: number
}
