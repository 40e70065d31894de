import { type AttachedTab, Broker } from '../../../src/broker/broker.ts'
import type { Later } from '../../../src/broker/later.ts'
import type { CallName, Calls, SharedMessage, TabEvent } from '../../../src/contract/api.ts'
import type { Reply } from '../../../src/contract/errors.ts'
import type { Batch } from '../../../src/contract/handshake.ts'
import type { Inspection, JoinResult } from '../../../src/contract/model.ts'
import type { Plugin } from '../../../src/contract/plugin.ts'
import type { XmlNode } from '../../../src/protocol/xml.ts'
import { memoryStore } from '../../../src/storage/memory-store.ts'
import type { Store } from '../../../src/storage/store.ts'
import { bareLater } from './bare-later.ts'
import { type FakeChats, fakeChats } from './fake-chats.ts'
import { type FakeClock, fakeClock } from './fake-clock.ts'
import { type LockTable, lockTable } from './fake-locks.ts'
import { type FakeMuc, type FakeMucOptions, type FakeRoom, fakeMuc } from './fake-muc.ts'
import { type BookmarkService, type FakePep, fakePep } from './fake-pep.ts'
import { type FakeUpstream, type FakeUpstreamOptions, fakeUpstream } from './fake-upstream.ts'
import { plainPrints } from './plain-prints.ts'
import { ACCOUNT, ROOM } from './room-xml.ts'
import { turns } from './turn.ts'

/** A tab at the broker's own door: no ports in between, each event as it was posted. */
export interface StageTab {
  readonly id: string
  readonly batches: readonly Batch[]
  readonly events: readonly TabEvent[]
  readonly attached: AttachedTab
  call<N extends CallName>(name: N, args: Calls[N]['args']): Promise<Reply<Calls[N]['value']>>
  signIn(words?: Partial<Calls['signIn']['args']>): Promise<Reply<Calls['signIn']['value']>>
  join(words?: Partial<Calls['join']['args']>): Promise<Reply<JoinResult>>
  leave(words?: Partial<Calls['leave']['args']>): Promise<Reply<null>>
  send(body: string, words?: Partial<Calls['send']['args']>): Promise<Reply<SharedMessage>>
  inspect(): Promise<Inspection>
  /** What it was told of one kind. */
  told<K extends TabEvent['kind']>(kind: K): Extract<TabEvent, { kind: K }>[]
}

export interface BrokerStage {
  readonly broker: Broker
  readonly clock: FakeClock
  readonly upstream: FakeUpstream
  readonly muc: FakeMuc
  readonly room: FakeRoom
  readonly pep: FakePep
  readonly chats: FakeChats
  readonly store: Store
  readonly locks: LockTable
  attach(id: string, options?: { readonly acknowledges?: boolean }): StageTab
  /** A tab that is attached, signed in and in the room. */
  inRoom(id: string, words?: Partial<Calls['join']['args']>): Promise<StageTab>
  /** Lets happen what is on its way, a few batches' pauses long. */
  settle(): Promise<void>
}

export interface BrokerStageOptions extends FakeUpstreamOptions, Pick<FakeMucOptions, 'answers' | 'features'> {
  readonly store?: Store
  readonly locks?: LockTable
  readonly clock?: FakeClock
  readonly bookmarks?: BookmarkService
  readonly caps?: XmlNode
  readonly blocked?: boolean
  readonly plugins?: readonly Plugin[]
  /** What an account in rooms does not need is not there from the beginning. */
  readonly loadLater?: () => Promise<Later>
  /** Those of an earlier stage, with what they have. */
  readonly chats?: FakeChats
}

/** The broker with every port filled by a fake, and rooms that answer. */
export function brokerStage(options: BrokerStageOptions = {}): BrokerStage {
  const { store = memoryStore(), clock = fakeClock(), locks = lockTable(), loadLater, onSent } = options
  const muc = fakeMuc({
    clock,
    ...(options.answers && { answers: options.answers }),
    ...(options.features && { features: options.features }),
  })
  const pep = fakePep(ACCOUNT, options.bookmarks)
  const chats = options.chats ?? fakeChats(ACCOUNT, clock)
  chats.through = () => upstream.stream
  const answer: typeof onSent = (node, stream) => {
    muc.onSent(node, stream)
    pep.onSent(node, stream)
    chats.onSent(node, stream)
  }
  const upstream: FakeUpstream = fakeUpstream({ ...options, onSent: onSent ?? answer })
  const broker = new Broker({
    ...(loadLater ? { loadLater } : { later: bareLater }),
    account: ACCOUNT,
    instance: 'life-1',
    engine: 'shared-worker',
    upstream,
    store,
    clock,
    passwords: plainPrints,
    ...(options.caps && { caps: options.caps }),
    ...(options.blocked && { blocked: true }),
    ...(options.plugins && { plugins: options.plugins }),
  })

  const settle = async (): Promise<void> => {
    for (let i = 0; i < 6; i++) {
      await turns()
      clock.advance(8)
    }
    await turns()
  }

  const attach = (id: string, { acknowledges = true } = {}): StageTab => {
    const batches: Batch[] = []
    const events: TabEvent[] = []
    const attached = broker.attach(id, {
      post(batch) {
        // What crosses is copied, so that nobody can lean on being in the same memory.
        batches.push(structuredClone(batch))
        events.push(...structuredClone(batch).events)
        if (acknowledges) queueMicrotask(() => attached.acknowledge(batch.seq + batch.events.length - 1))
      },
    })
    const call = async <N extends CallName>(name: N, args: Calls[N]['args']): Promise<Reply<Calls[N]['value']>> => {
      const reply = attached.api.call(name, args)
      await settle()
      return reply
    }
    return {
      id,
      batches,
      events,
      attached,
      call,
      signIn: (words) =>
        call('signIn', {
          service: ['wss://capulet.example/'],
          password: 'secret',
          onLastTab: 'linger',
          allowPlain: false,
          activity: 'active',
          hidden: false,
          again: false,
          ...words,
        }),
      join: (words) => call('join', { room: ROOM, nick: 'juliet', ...words }),
      leave: (words) => call('leave', { room: ROOM, ...words }),
      send: (body, words) => call('send', { room: ROOM, id: `${id}-${body}`, body, waitMs: 20_000, ...words }),
      async inspect() {
        const reply = await call('inspect', null)
        if (!reply.ok) throw new Error(reply.error.message)
        return reply.value
      },
      told<K extends TabEvent['kind']>(kind: K) {
        return events.filter((event): event is Extract<TabEvent, { kind: K }> => event.kind === kind)
      },
    }
  }

  return {
    broker,
    clock,
    upstream,
    muc,
    room: muc.room(ROOM),
    pep,
    chats,
    store,
    locks,
    attach,
    settle,
    async inRoom(id, words) {
      const tab = attach(id)
      await tab.signIn()
      const reply = await tab.join(words)
      if (!reply.ok) throw new Error(reply.error.message)
      return tab
    },
  }
}
