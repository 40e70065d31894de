import { type Connection, type ConnectionEffect, type ConnectionInput, stepConnection } from '../account/connection.ts'
import type { SignIn } from '../contract/api.ts'
import { type Failure, failure } from '../contract/errors.ts'
import type { AccountStatus, LogLevel } from '../contract/model.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Clock, Credentials, Locks, Stream, Upstream } from './ports.ts'
import { Timers } from './timers.ts'

export interface SessionWorld {
  readonly account: string
  readonly upstream: Upstream
  readonly locks: Locks
  readonly clock: Clock
  readonly log: (level: LogLevel, text: string) => void
  /** Puts what happened on the broker's queue; it comes back by `step`. */
  readonly happened: (input: ConnectionInput, stream: Stream | undefined) => void
  readonly onStanza: (stanza: XmlNode, stream: Stream) => void
  readonly onOnline: () => void
  readonly onLost: () => void
  readonly onStatus: (status: AccountStatus, error: Failure | undefined) => void
}

/** Hears what became of a sign-in. */
type OnSignedIn = (error: Failure | undefined) => void

/** The account's one stream: begun when a tab signs in, begun again when it breaks, ended by `signOut`. */
export class Session {
  readonly #world: SessionWorld
  readonly #timers: Timers
  #connection: Connection = { at: 'offline' }
  #status: AccountStatus = 'offline'
  #credentials: Credentials | undefined
  #stream: Stream | undefined
  #fullJid = ''
  #waiting: OnSignedIn[] = []
  #lock: Promise<() => void> | undefined
  /** Of the connections that were begun: an earlier one that was still waiting for the lock is none any more. */
  #attempt = 0

  constructor(world: SessionWorld) {
    this.#world = world
    this.#timers = new Timers(world.clock)
  }

  get status(): AccountStatus {
    return this.#status
  }

  get online(): boolean {
    return this.#status === 'online'
  }

  isCurrent(stream: Stream): boolean {
    return stream === this.#stream
  }

  /** Attaches to the stream that is there, or begins one. The engine lock comes first: one account, one connection. */
  signIn({ service, password, allowPlain, again }: SignIn, onSignedIn: OnSignedIn): void {
    if (this.online) {
      onSignedIn(undefined)
      return
    }
    const begun = this.#connection.at !== 'offline' && this.#connection.at !== 'refused'
    if (!begun && password === undefined) {
      onSignedIn(
        failure('credentials-required', `sign in ${this.#world.account}: no connection yet, and no password given`),
      )
      return
    }
    this.#waiting.push(onSignedIn)
    if (password === undefined) return
    if (begun && this.#connection.at !== 'waiting') return
    // Also while waiting for the next try: the new words may be right where the old ones were wrong.
    this.#credentials = { account: this.#world.account, service, password, allowPlain }
    this.#timers.stop('again')
    this.step(begun ? { on: 'time' } : { on: 'sign-in', again }, undefined)
  }

  signOut(): void {
    this.#attempt += 1
    this.step({ on: 'sign-out' }, undefined)
    this.#credentials = undefined
    void this.#lock?.then((letGo) => letGo())
    this.#lock = undefined
  }

  /** Nobody is signed in, and nobody is about to be. */
  get idle(): boolean {
    return this.#connection.at === 'offline' || this.#connection.at === 'refused'
  }

  /** To the server. What cannot be sent now is dropped: the stream's end tells those who wait. */
  send(stanza: XmlNode): void {
    this.#stream?.send(stanza)
  }

  /** @param stream the one that it happened to; an event of an earlier one is late and means nothing */
  step(input: ConnectionInput, stream: Stream | undefined): void {
    if (stream && stream !== this.#stream) return
    if (input.on === 'online') this.#fullJid = input.fullJid
    const [next, effects] = stepConnection(this.#connection, input, this.#world.clock.chance())
    const wasOnline = this.#connection.at === 'online'
    this.#connection = next
    if (input.on === 'ended') {
      this.#stream = undefined
      this.#world.log('info', `stream ended: ${input.cause} (${input.text})`)
    }
    const lost = wasOnline && next.at !== 'online'
    // First the news, so that nobody who hears of the loss sends into it.
    if (lost) this.#status = 'interrupted'
    if (lost) this.#world.onLost()
    for (const effect of effects) this.#perform(effect)
    if (!wasOnline && next.at === 'online') {
      this.#world.log('info', `online as ${this.#fullJid}`)
      this.#world.onOnline()
    }
  }

  #perform(effect: ConnectionEffect): void {
    switch (effect.do) {
      case 'connect':
        void this.#connect()
        return
      case 'disconnect':
        this.#stream?.close()
        this.#stream = undefined
        return
      case 'wait':
        this.#timers.start('again', effect.ms, () => this.#world.happened({ on: 'time' }, undefined))
        return
      case 'stop-waiting':
        this.#timers.stop('again')
        return
      case 'tell-status':
        this.#tellStatus(effect.status, effect.error)
    }
  }

  async #connect(): Promise<void> {
    const attempt = ++this.#attempt
    this.#lock ??= this.#world.locks.hold(`minimix:engine:${this.#world.account}`)
    try {
      await this.#lock
    } catch (error) {
      this.#lock = undefined
      this.#world.happened({ on: 'ended', cause: 'unreachable', text: `the engine lock: ${String(error)}` }, undefined)
      return
    }
    const credentials = this.#credentials
    if (attempt !== this.#attempt || this.#connection.at !== 'connecting' || !credentials) return
    const { happened, onStanza } = this.#world
    const stream: Stream = this.#world.upstream.connect(credentials, {
      onOnline: (fullJid) => happened({ on: 'online', fullJid }, stream),
      onStanza: (stanza) => onStanza(stanza, stream),
      onEnd: ({ cause, text }) => happened({ on: 'ended', cause, text }, stream),
    })
    this.#stream = stream
  }

  #tellStatus(status: AccountStatus, error: Failure | undefined): void {
    this.#status = status
    if (error) this.#world.log('info', error.message)
    this.#world.onStatus(status, error)
    if (status === 'connecting' || status === 'interrupted') return
    const waiting = this.#waiting
    this.#waiting = []
    const outcome = status === 'online' ? undefined : (error ?? failure('offline', 'signed out'))
    for (const onSignedIn of waiting) onSignedIn(outcome)
  }
}
