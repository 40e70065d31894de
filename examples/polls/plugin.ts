// A part of the worker: polls that others send to the account, and one vote of ours, from whichever tab.
import {
  bareOf,
  child,
  childrenOf,
  childText,
  el,
  failure,
  MinimixError,
  type Plugin,
  type PluginWorker,
  type XmlNode,
} from 'minimix-web/broker'

const NS = 'urn:example:polls:0'
/** What others send must not fill the store: a new poll takes the place of the oldest. */
const MOST_POLLS = 50
const MOST_OPTIONS = 20

export interface Poll {
  readonly id: string
  /** Bare JID of whoever asks. */
  readonly author: string
  readonly question: string
  readonly options: readonly string[]
  readonly atMs: number
  /** Place of the option that we voted for. */
  readonly vote?: number
  readonly closed?: true
}

export type PollEvents = {
  /** All there are, oldest first, for a tab that comes. */
  polls: readonly Poll[]
  /** A poll is new, or has changed. */
  poll: Poll
}

export type PollCalls = {
  list: () => Promise<readonly Poll[]>
  vote: (vote: { readonly author: string; readonly id: string; readonly option: number }) => Promise<Poll>
}

const keyOf = ({ author, id }: Pick<Poll, 'author' | 'id'>): string => `${author} ${id}`

export function polls(): Plugin<PollCalls, PollEvents> {
  return {
    name: 'polls',
    features: [NS],
    start(worker) {
      const known = new Polls(worker)
      return {
        calls: { list: () => known.all(), vote: (vote) => known.vote(vote) },
        attached: async (tab) => worker.tell('polls', await known.all(), tab),
        stanza(stanza, { kind, type, from }) {
          if (kind !== 'message' || type === 'error' || from === undefined) return false
          const poll = readPoll(stanza, bareOf(from), worker.nowMs())
          if (poll) void known.add(poll)
          const closed = child(stanza, NS, 'closed')?.attrs['id']
          // Only whoever asked can end it: the author is part of the key.
          if (closed !== undefined) void known.close(keyOf({ author: bareOf(from), id: closed }))
          return poll !== undefined || closed !== undefined
        },
      }
    },
  }
}

/** One thing after the other: what is kept comes first, and each change sees the one before it. */
class Polls {
  readonly #worker: PluginWorker<PollEvents>
  #last: Promise<Map<string, Poll>>

  constructor(worker: PluginWorker<PollEvents>) {
    this.#worker = worker
    // What this plug-in has kept is what it wrote.
    this.#last = worker.kept.all().then((kept) => new Map(kept as ReadonlyMap<string, Poll>))
  }

  async all(): Promise<readonly Poll[]> {
    return sorted(await this.#last)
  }

  add(poll: Poll): Promise<unknown> {
    return this.#inTurn(async (known) => {
      if (known.has(keyOf(poll))) return
      const [oldest] = sorted(known)
      if (known.size >= MOST_POLLS && oldest) {
        known.delete(keyOf(oldest))
        await this.#worker.kept.set(keyOf(oldest), undefined)
      }
      await this.#put(known, poll)
    })
  }

  close(key: string): Promise<unknown> {
    return this.#inTurn(async (known) => {
      const poll = known.get(key)
      if (poll && !poll.closed) await this.#put(known, { ...poll, closed: true })
    })
  }

  vote({ option, ...of }: Parameters<PollCalls['vote']>[0]): Promise<Poll> {
    return this.#inTurn(async (known) => {
      const poll = known.get(keyOf(of))
      if (!poll || poll.closed || poll.options[option] === undefined)
        throw new MinimixError(failure('not-acceptable', `polls: ${of.id} has no such option, or is closed`))
      if (poll.vote === option) return poll
      if (!this.#worker.online) throw new MinimixError(failure('offline', 'polls: a vote needs a connection'))
      const voted = { ...poll, vote: option }
      await this.#put(known, voted)
      const vote = el(NS, 'vote', { poll: poll.id, option })
      this.#worker.send(el('jabber:client', 'message', { to: poll.author, id: this.#worker.newId() }, vote))
      return voted
    })
  }

  /** Stored before told. */
  async #put(known: Map<string, Poll>, poll: Poll): Promise<void> {
    await this.#worker.kept.set(keyOf(poll), poll)
    known.set(keyOf(poll), poll)
    this.#worker.tell('poll', poll)
  }

  #inTurn<T>(work: (known: Map<string, Poll>) => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    const known = this.#last
    this.#last = done.then(
      () => known,
      () => known,
    )
    return done
  }
}

const sorted = (known: ReadonlyMap<string, Poll>): Poll[] => [...known.values()].sort((a, b) => a.atMs - b.atMs)

/** What somebody sent: `undefined` where it is no poll, or none that can be answered. */
function readPoll(stanza: XmlNode, author: string, atMs: number): Poll | undefined {
  const poll = child(stanza, NS, 'poll')
  const question = poll && childText(poll, NS, 'question')
  const id = poll?.attrs['id']
  if (!poll || !question || !id) return undefined
  const options = childrenOf(poll, NS, 'option').map(({ children }) =>
    children.filter((c) => typeof c === 'string').join(''),
  )
  return options.length < 2 || options.length > MOST_OPTIONS ? undefined : { id, author, question, options, atMs }
}
