// What the broker needs of the world. Each port has one contract suite that every filling passes.
import type { Bound, EndCause } from '../account/connection.ts'
import type { FastToken } from '../account/fast-token.ts'
import type { Batch } from '../contract/handshake.ts'
import type { Port } from '../contract/port.ts'
import type { InlineUse } from '../protocol/xep-0386-bind2.ts'
import type { XmlNode } from '../protocol/xml.ts'

export type { Bound, FastToken }

/** Everything that a sign-in wants. */
export interface Credentials {
  /** Bare JID of the account; a domain alone signs in without one (SASL ANONYMOUS). */
  readonly account: string
  /** WebSocket URLs, tried in order. */
  readonly service: readonly string[]
  /** Left out: the token alone signs in. */
  readonly password?: string | undefined
  /** PLAIN is allowed away from loopback, too. */
  readonly allowPlain: boolean
  /** The mechanism of an earlier sign-in (`Bound.mechanism`): with a weaker one this account is not signed in. */
  readonly strongest?: string | undefined
  /** It is after all. */
  readonly allowDowngrade?: boolean | undefined
  /** A token is asked for, which signs in next time (XEP-0484). */
  readonly remember?: boolean | undefined
  /** It is used in place of the password; its count is what it says first. */
  readonly token?: FastToken | undefined
  /** Nobody looks: the server may hold back what can wait (XEP-0352). */
  readonly inactive?: boolean | undefined
  /** It goes on, if the server still has it. */
  readonly resume?: Resumption | undefined
}

/** The session before. */
export interface Resumption {
  readonly id: string
  readonly fullJid: string
  /** How many of its stanzas were taken in. */
  readonly taken: number
  /** By which it was signed in: the server is not asked again what it can, unless it does not understand. */
  readonly mechanism?: string | undefined
  /** What its server did within the sign-in: all of it is said at once. */
  readonly inline?: InlineUse | undefined
}

/** Why a stream ended, or never began. */
export interface StreamEnd {
  readonly cause: EndCause
  /** For the log. */
  readonly text: string
  /** The server had been asked to go on with the session before, and did not answer. */
  readonly resuming?: boolean
}

export interface UpstreamListener {
  /** Signed in and bound. Everything after this goes to `onStanza`, in order: stanzas, and words about the stream. */
  readonly onOnline: (bound: Bound) => void
  readonly onStanza: (stanza: XmlNode) => void
  /** The account has this token from now on; `undefined`: the one that it had was refused. */
  readonly onToken?: (token: FastToken | undefined) => void
  /** The last word of this stream: once, and nothing after it. */
  readonly onEnd: (end: StreamEnd) => void
}

/** One stream to the server. It does not come back by itself. */
export interface Stream {
  /** Resolves nothing and promises nothing: what the room says tells whether it arrived. */
  send(stanza: XmlNode): void
  /** Ends it in order, so that the server forgets the session. */
  close(): void
  /** Lets go of the connection without a word, so that the server keeps the session. No more is heard of this stream. */
  drop(): void
}

/** The way to the server. */
export interface Upstream {
  /** Begins a stream; the listener always hears of its end. */
  connect(credentials: Credentials, listener: UpstreamListener): Stream
  /** Since the worker began, over all streams. */
  figures(): { connections: number; framesIn: number; framesOut: number; bytesIn: number; bytesOut: number }
}

/** What a password leaves behind to be compared with, and cannot be read from. */
export interface PasswordPrint {
  readonly salt: Uint8Array
  readonly digest: Uint8Array
}

export interface PasswordPrints {
  print(password: string): Promise<PasswordPrint>
  /** Takes as long for one that is nearly right as for any other. */
  matches(print: PasswordPrint, password: string): Promise<boolean>
}

/** Time and chance. */
export interface Clock {
  nowMs(): number
  /** Runs once, after so many milliseconds; the result takes it back. */
  after(ms: number, run: () => void): () => void
  /** An id that nobody else has. */
  newId(): string
  /** A random number from 0 to 1. */
  chance(): number
}

/** Named locks of the origin: one holder at a time, let go of by the death of the holder. */
export interface Locks {
  /** Resolves once the lock is ours, with the way to let go of it; rejects when it is aborted before. */
  hold(name: string, signal?: AbortSignal): Promise<() => void>
  /** As `hold`, where nobody has it or waits for it; else `undefined`. `onStolen`: it was, and is not any more. */
  holdIfFree(name: string, onStolen: () => void): Promise<(() => void) | undefined>
  /** Takes it from whoever has it, and before whoever waits for it. */
  steal(name: string, onStolen: () => void): Promise<() => void>
  /** Resolves when whoever holds the lock has let go of it or has died. */
  whenFree(name: string, signal: AbortSignal): Promise<void>
}

/** The way to one tab for events. */
export interface EventPort {
  post(batch: Batch): void
}

/** The ports for calls and for events, that a hello brings with it or names. */
export type PortsOf = (hello: MessageEvent) => readonly (Port | undefined)[]

/** What everybody of the origin hears who listens under the same name, but for whoever says it. */
export interface Broadcast {
  post(message: unknown): void
  listen(onMessage: (message: unknown) => void): void
}

/** Where a file goes, and what is said with it. */
export interface UploadTarget {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly mediaType: string
}

/** `retry`: the same may succeed later. `status` is that of HTTP, where there was an answer. */
export type UploadOutcome =
  | { readonly done: true }
  | { readonly done: false; readonly retry: boolean; readonly text: string; readonly status?: number }

/** The way for files. */
export interface Uploader {
  /**
   * Puts it there, by one request. Always resolves: also when it is aborted, when nothing moves for too long, and when the
   * server leads to somewhere else, which is no success.
   *
   * @param onSent is told how many bytes are out, now and then
   */
  put(
    target: UploadTarget,
    file: Blob,
    on: { readonly onSent: (bytes: number) => void; readonly signal: AbortSignal },
  ): Promise<UploadOutcome>
  /** In base64; `undefined` for a file that is too big to be read at once, or cannot be read. */
  sha256(file: Blob): Promise<string | undefined>
}
