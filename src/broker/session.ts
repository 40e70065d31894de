import {
  type Bound,
  type Connection,
  type ConnectionEffect,
  type ConnectionInput,
  endsSession,
  stepConnection,
} from '../account/connection.ts'
import {
  beginManaged,
  type ManagedStream,
  restoreManaged,
  rowOf,
  stanzaSent,
  stanzasHandled,
  stanzaTaken,
} from '../account/managed-stream.ts'
import type { SignIn } from '../contract/api.ts'
import { type Failure, failure } from '../contract/errors.ts'
import type { AccountStatus, StreamInspection } from '../contract/model.ts'
import { ack, readStreamWord, requestAck } from '../protocol/xep-0198-stream-management.ts'
import type { XmlNode } from '../protocol/xml.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { Liveness } from './liveness.ts'
import type { Credentials, FastToken, Stream } from './ports.ts'
import type { SessionWorld } from './session-world.ts'
import { Timers } from './timers.ts'

/** Prosody breaks off where it does not like our count, and so does a bad line: twice is no bad line any more. */
const BROKEN_RESUMES = 2

/** Hears what became of a sign-in. */
type OnSignedIn = (error: Failure | undefined) => void

/** The account's one stream: begun when a tab signs in, begun again when it breaks, ended by `signOut`. */
export class Session {
  readonly #world: SessionWorld
  readonly #timers: Timers
  readonly #liveness: Liveness
  readonly #acknowledgements: Acknowledgements
  #connection: Connection = { at: 'offline' }
  #status: AccountStatus = 'offline'
  #credentials: Credentials | undefined
  #stream: Stream | undefined
  #managed: ManagedStream | undefined
  #fullJid: string | undefined
  #nextTryAtMs = 0
  /** The managed session has no connection, and may get one. */
  #suspended = false
  #number = 0
  /** How often the server broke off when it was asked for this session. */
  #brokenResumes = 0
  #waiting: OnSignedIn[] = []
  /** Whether what the worker before left is known by now. */
  #restored: Promise<boolean> | undefined
  /** Of the connections that were begun: an earlier one that was still waiting for the store is none any more. */
  #attempt = 0

  constructor(world: SessionWorld) {
    this.#world = world
    this.#timers = new Timers(world.clock)
    this.#liveness = new Liveness({
      clock: world.clock,
      ask: () => this.#managed && this.#stream?.send(requestAck()),
      onDead: () => this.#dead('no answer to a request for acknowledgement'),
    })
    this.#acknowledgements = new Acknowledgements({
      saved: () => {
        this.#save()
        return this.#managed?.taken ?? 0
      },
      afterSaved: world.afterSaved,
      isCurrent: (stream) => stream === this.#stream,
      send: (stream, taken) => stream.send(ack(taken)),
    })
  }

  get status(): AccountStatus {
    return this.#status
  }

  get online(): boolean {
    return this.#status === 'online'
  }

  /** The server says what it has handled. */
  get managed(): boolean {
    return this.#managed !== undefined
  }

  /** Somebody waits to hear that the server has handled what was sent. */
  askHandled(): void {
    if (this.online) this.#liveness.want()
  }

  /** Of the sessions with the server: a resumed one keeps its number. */
  get number(): number {
    return this.#number
  }

  /** For `inspect()`. */
  get inspection(): StreamInspection {
    const { at } = this.#connection
    const { id, taken = 0, handled = 0, unhandled = [], fullJid = this.#fullJid } = this.#managed ?? {}
    return {
      at,
      ...(fullJid !== undefined && { fullJid }),
      managed: this.#managed !== undefined,
      resumable: id !== undefined,
      taken,
      handled,
      unacknowledged: unhandled.length,
      ...(this.#liveness.heardAtMs !== undefined && { heardAtMs: this.#liveness.heardAtMs }),
      ...(at === 'waiting' && { nextTryAtMs: this.#nextTryAtMs }),
    }
  }

  isCurrent(stream: Stream): boolean {
    return stream === this.#stream
  }

  /** Attaches to the stream that is there, or begins one. */
  signIn(words: SignIn, onSignedIn: OnSignedIn): void {
    if (this.online) return onSignedIn(undefined)
    const begun = !this.idle
    if (!begun && words.password === undefined) return void this.#signInRemembered(words, onSignedIn)
    this.#waiting.push(onSignedIn)
    if (words.password === undefined) return
    if (begun && this.#connection.at !== 'waiting') return
    // Also while waiting for the next try: the new words may be right where the old ones were wrong.
    this.#credentials = this.#world.remembered.credentialsOf(words)
    if (begun) this.nudge()
    else this.step({ on: 'sign-in', again: words.again }, undefined)
  }

  async #signInRemembered(words: SignIn, onSignedIn: OnSignedIn): Promise<void> {
    const { account, remembered, happened } = this.#world
    const known = remembered.possible && (await remembered.has())
    // Somebody else may have signed in meanwhile.
    if (!this.idle) return this.signIn(words, onSignedIn)
    const what = `sign in ${account}: no connection yet, no password given, and nothing remembered`
    if (!known) return onSignedIn(failure('credentials-required', what))
    this.#waiting.push(onSignedIn)
    this.#credentials = remembered.credentialsOf(words)
    happened({ on: 'sign-in', again: words.again }, undefined)
  }

  /** Nothing signs in any more but a password. */
  forget(): Promise<void> {
    return this.#world.remembered.keep(undefined)
  }

  /** A person has come to look, or the network is back: now is a good time for the next try, or to see who is there. */
  nudge(): void {
    if (this.#connection.at === 'waiting') {
      this.#timers.stop('again')
      this.step({ on: 'time' }, undefined)
    } else if (this.online && this.#managed) this.#liveness.askNow()
  }

  signOut(): void {
    this.#attempt += 1
    this.step({ on: 'sign-out' }, undefined)
  }

  /**
   * Another engine goes on with the session: what it needs is written down, and nothing more is taken in.
   *
   * @returns lets go of the connection; to be called once all is stored
   */
  handOver(): () => void {
    const resumable = this.#managed?.id !== undefined
    const stream = this.#stop()
    // Where there is none, that is written down already; or what the worker before left is still being read.
    if (this.#managed) this.#save()
    return () => (resumable ? stream?.drop() : stream?.close())
  }

  /** Another engine has the session already: nothing more is sent, stored or taken in. */
  abandon(): void {
    this.#stop()?.drop()
  }

  #stop(): Stream | undefined {
    const stream = this.#stream
    this.#attempt += 1
    this.#liveness.end()
    this.#timers.stop('again')
    this.#connection = { at: 'offline' }
    this.#status = 'offline'
    this.#stream = undefined
    return stream
  }

  /** Nobody is signed in, and nobody is about to be. */
  get idle(): boolean {
    return ['offline', 'refused'].includes(this.#connection.at)
  }

  /**
   * To the server. What cannot be sent now goes out when the session goes on, and is dropped where it does not: its end
   * tells those who wait.
   */
  send(stanza: XmlNode): void {
    if (this.#managed && (this.online || this.#suspended)) stanzaSent(this.#managed, stanza)
    if (!this.online) return
    if (this.#managed) this.#liveness.sent()
    this.#stream?.send(stanza)
  }

  /** A word about the session, which nobody counts. */
  say(word: XmlNode): void {
    if (this.online) this.#stream?.send(word)
  }

  /** A stanza has been dealt with: what it made of the rooms is on its way into the store. */
  taken(): void {
    if (this.#managed) stanzaTaken(this.#managed)
  }

  /** What the server says about the stream itself. @returns whether it was that */
  word(node: XmlNode): boolean {
    this.#liveness.heard()
    const word = readStreamWord(node)
    if (word?.is === 'request') {
      if (this.#managed && this.#stream) this.#acknowledgements.asked(this.#stream)
    } else if (word?.is === 'ack' && this.#managed && !this.#handled(this.#managed, word.h))
      this.#dead(`it has handled ${word.h} of our stanzas, which is more than there were`, 'for-good')
    return word !== undefined
  }

  /** @returns false where that is more than were sent */
  #handled(managed: ManagedStream, h: number): boolean {
    const before = [...managed.unhandled]
    const possible = stanzasHandled(managed, h)
    const left = managed.unhandled.length
    this.#world.onHandled(before.slice(0, before.length - left))
    if (this.online) this.#liveness.answered(left)
    return possible
  }

  #save(): void {
    this.#world.save(this.#managed && rowOf(this.#managed))
  }

  /** Nobody answers, or answers with nonsense: the connection is let go of. */
  #dead(text: string, how: 'for-now' | 'for-good' = 'for-now'): void {
    const stream = this.#stream
    if (!stream) return
    stream.drop()
    if (how === 'for-good') this.#managed = undefined
    this.#world.happened({ on: 'ended', cause: 'closed', text }, stream)
  }

  /** @param stream the one that it happened to; an event of an earlier one is late and means nothing */
  step(input: ConnectionInput, stream: Stream | undefined): void {
    if (stream && stream !== this.#stream) return
    const [next, effects] = stepConnection(this.#connection, input, this.#world.clock.chance())
    const wasOnline = this.#connection.at === 'online'
    this.#connection = next
    // Nobody connects again by itself.
    if (this.idle) this.#credentials = undefined
    if (input.on === 'ended') {
      this.#stream = undefined
      this.#world.log('info', `stream ended: ${input.cause} (${input.text})`)
    }
    if (wasOnline && next.at !== 'online') this.#disconnected(next.at === 'waiting')
    else if (this.#suspended && endsSession(input)) this.#lose()
    for (const effect of effects) this.#perform(effect)
    if (!wasOnline && next.at === 'online' && input.on === 'online') this.#begin(input)
  }

  #disconnected(comesBack: boolean): void {
    this.#liveness.end()
    // First the news, so that nobody who hears of the loss sends into it.
    this.#status = 'interrupted'
    this.#suspended = true
    if (comesBack && this.#managed?.id !== undefined) this.#world.onSuspended()
    else this.#lose()
  }

  /** Whatever was under way in it is over. */
  #lose(): void {
    this.#number += 1
    this.#brokenResumes = 0
    this.#suspended = false
    this.#managed = undefined
    this.#fullJid = undefined
    this.#save()
    this.#world.onLost()
  }

  #begin(bound: Bound): void {
    if (this.#credentials?.allowDowngrade) this.#credentials = { ...this.#credentials, allowDowngrade: false }
    this.#world.log('info', `${bound.session === 'resumed' ? 'resumed' : 'online'} as ${bound.fullJid}`)
    this.#fullJid = bound.fullJid
    if (bound.session === 'resumed' && this.#managed) this.#resume(this.#managed, bound.handled ?? 0)
    else {
      this.#managed = bound.managed && beginManaged(bound.managed.id, bound.fullJid, bound.mechanism, bound.inline)
      if (this.#managed) this.#liveness.begin()
      this.#save()
      this.#world.onOnline()
    }
  }

  /** What the server has not handled goes out again, in its order; what it kept for us comes now (section 5). */
  #resume(managed: ManagedStream, handled: number): void {
    this.#brokenResumes = 0
    this.#suspended = false
    const { restored } = managed
    if (!this.#handled(managed, handled)) {
      this.#dead(`resumed with ${handled} of our stanzas, which is more than there were`, 'for-good')
      return
    }
    this.#liveness.begin()
    for (const stanza of managed.unhandled) this.#stream?.send(stanza)
    if (managed.unhandled.length > 0) this.#liveness.sent()
    this.#world.onResumed(restored)
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
        this.#nextTryAtMs = this.#world.clock.nowMs() + effect.ms
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
    const read = !this.#restored
    this.#restored ??= this.#restore()
    const isStored = (await this.#restored) && read
    const token = this.#credentials && (await this.#world.remembered.takeFor(this.#credentials))
    // What was taken in must be stored before the server is told to forget it. What was just read is stored.
    if (this.#managed && !isStored) this.#save()
    this.#world.afterSaved(() => {
      if (attempt === this.#attempt && this.#connection.at === 'connecting') this.#open(token)
    })
  }

  /** @returns whether there was a session that may go on */
  async #restore(): Promise<boolean> {
    const row = await this.#world.restore()
    if (!row) return false
    this.#managed = restoreManaged(row)
    this.#suspended = true
    return true
  }

  #open(token: FastToken | undefined): void {
    const credentials = this.#credentials
    if (!credentials) return
    if (this.#suspended && this.#brokenResumes >= BROKEN_RESUMES) this.#lose()
    const { happened, onStanza, remembered } = this.#world
    const { id, fullJid = '', mechanism, inline, taken = 0 } = this.#managed ?? {}
    const resume = id === undefined ? undefined : { id, fullJid, mechanism, inline, taken }
    const stream: Stream = this.#world.upstream.connect(
      { ...credentials, token, resume },
      {
        onOnline: (bound) => happened({ on: 'online', ...bound }, stream),
        onStanza: (stanza) => onStanza(stanza, stream),
        onToken: (token) => void (stream === this.#stream && remembered.keep(token)),
        onEnd: ({ cause, text, resuming }) => {
          if (resuming) this.#brokenResumes += 1
          happened({ on: 'ended', cause, text }, stream)
        },
      },
    )
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
