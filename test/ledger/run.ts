import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CallFailed, Tab, TabOptions } from '../support/browser/tab.ts'
import { archiveOf } from '../support/raw-archive.ts'
import { RawClient } from '../support/raw-client.ts'
import { PASSWORD, type Scene, type Stage } from '../support/stage.ts'
import { compare, type Findings, type Period, periodsOf } from './accounts.ts'
import { Chance } from './chance.ts'
import { evidenceOf, historyOf, passagesOf, storyOf } from './evidence.ts'

/** Tabs with a SharedWorker, without, or of both kinds and from different addresses. */
export type TabKind = 'shared' | 'own' | 'mixed'

export interface Plan {
  readonly tabs: TabKind
  readonly steps: number
  readonly seed: number
  /** A folder for what was on the wire, and what the worker logged, of a run that went wrong. */
  readonly evidence: string | undefined
}

export interface Outcome extends Findings {
  readonly seed: number
  readonly messages: number
  readonly faults: Readonly<Record<string, number>>
}

const TABS = 5
const ROOMS = 3
const NICK = { nick: 'Juliet' }
/** How a tab finds its worker, by how tabs are to be. */
const WAYS: Readonly<Record<TabKind, readonly Partial<TabOptions>[]>> = {
  shared: [{}],
  own: [{ sharedWorker: 'never' }],
  mixed: [{}, { sharedWorker: 'never' }, { worker: '/dist/worker.js?another' }],
}
const BLOCKED_MS = 400

/** What may happen in a step, and how often. */
const ACTIONS = { 'others say': 30, say: 26, join: 9, leave: 5, open: 4, close: 3, reload: 2, fault: 12 }
const FAULTS = {
  cut: 30,
  offline: 15,
  'swallow up': 10,
  'swallow down': 10,
  'stall down': 8,
  'lose session': 10,
  'crash tab': 10,
  'kill worker': 12,
  'block tab': 6,
  'restart server': 1,
}

type Fault = keyof typeof FAULTS

interface OpenTab {
  readonly name: string
  readonly tab: Tab
  /** The rooms that it wants. */
  readonly rooms: Set<string>
}

/**
 * Five tabs, three rooms and two outside clients do random things while the connection, the worker, the tabs and the
 * server fail; at the end everybody must have had each message once.
 */
export class LedgerRun {
  readonly #stage: Stage
  readonly #scene: Scene
  readonly #chance: Chance
  readonly #plan: Plan
  readonly #rooms: string[] = []
  readonly #tabs: OpenTab[] = []
  readonly #periods: Period[] = []
  readonly #faults: Record<string, number> = {}
  /** What tabs said, and whether the SDK took it on. */
  readonly #said = new Map<string, 'asked' | 'accepted' | 'refused'>()
  readonly #calls = new Set<Promise<unknown>>()
  #others: RawClient[] = []
  /** Until then no connection comes about, so there is no sense in asking for one. */
  #reachable: Stretch = { promise: Promise.resolve(), done: () => undefined }
  #healIn = 0
  #number = 0

  private constructor(stage: Stage, scene: Scene, plan: Plan) {
    this.#stage = stage
    this.#scene = scene
    this.#plan = plan
    this.#chance = new Chance(plan.seed)
  }

  static async run(stage: Stage, plan: Plan): Promise<Outcome> {
    const scene = await stage.scene({ watched: false })
    const run = new LedgerRun(stage, scene, plan)
    try {
      await run.#begin()
      for (let step = 0; step < plan.steps; step++) await run.#step()
      return await run.#end()
    } catch (error) {
      await run.#keepEvidence().catch(() => undefined)
      throw error
    } finally {
      await scene[Symbol.asyncDispose]()
    }
  }

  async #begin(): Promise<void> {
    for (let at = 0; at < ROOMS; at++)
      this.#rooms.push(await this.#scene.makeRoom({ 'muc#roomconfig_persistentroom': true }))
    this.#others = [this.#scene.bob, await this.#scene.client('carol')]
    await this.#enter(1)
    for (let at = 0; at < TABS; at++) await this.#open()
  }

  /** The outside clients are in all rooms. */
  async #enter(from: number): Promise<void> {
    for (const other of this.#others.slice(from))
      for (const room of this.#rooms) await other.join(room, this.#nickOf(other), { history: { maxstanzas: 0 } })
  }

  get #witness(): RawClient {
    const [first] = this.#others
    if (!first) throw new Error('nobody is outside')
    return first
  }

  #nickOf(client: RawClient): string {
    return client === this.#others[0] ? 'Bob' : 'Carol'
  }

  async #step(): Promise<void> {
    if (this.#healIn > 0 && --this.#healIn === 0) this.#heal()
    switch (this.#chance.weighted(ACTIONS)) {
      case 'others say':
        return this.#othersSay()
      case 'say':
        return this.#say()
      case 'join':
        return this.#join(this.#chance.pick(this.#tabs))
      case 'leave':
        return this.#leave()
      case 'open':
        return this.#tabs.length < TABS ? this.#open() : undefined
      case 'close':
        return this.#tabs.length > 1 ? this.#close() : undefined
      case 'reload':
        return this.#reload()
      case 'fault':
        return this.#fault(this.#chance.weighted(FAULTS))
    }
  }

  async #othersSay(): Promise<void> {
    const other = this.#chance.pick(this.#others)
    const room = this.#chance.pick(this.#rooms)
    const count = 1 + this.#chance.below(3)
    if (!other || !room) return
    for (let at = 0; at < count; at++) await other.say(room, `${this.#nickOf(other)} ${++this.#number}`)
  }

  #say(): void {
    const from = this.#chance.pick(this.#tabs)
    const room = this.#chance.pick([...(from?.rooms ?? [])])
    if (!from || !room) return
    const body = `${from.name} ${++this.#number}`
    this.#said.set(body, 'asked')
    this.#call(
      from.tab.send(room, body, { wait: false }).then(
        () => this.#said.set(body, 'accepted'),
        ({ code }: { code?: string }) => code === 'not-joined' && this.#said.set(body, 'refused'),
      ),
    )
  }

  #join(to: OpenTab | undefined): void {
    const room = this.#chance.pick(this.#rooms)
    if (!to || !room || to.rooms.has(room)) return
    to.rooms.add(room)
    this.#call(to.tab.join(room, NICK).catch(() => to.rooms.delete(room)))
  }

  #leave(): void {
    const from = this.#chance.pick(this.#tabs)
    const room = this.#chance.pick([...(from?.rooms ?? [])])
    if (!from || !room || from.rooms.size < 2) return
    from.rooms.delete(room)
    this.#call(from.tab.leave(room).catch(() => undefined))
  }

  async #open(): Promise<void> {
    const tab = await this.#scene.openTab()
    const opened: OpenTab = { name: `tab${++this.#number}`, tab, rooms: new Set() }
    this.#tabs.push(opened)
    this.#call(this.#connect(opened))
  }

  /** Until it is online: an app that is opened offline tries again, too. */
  async #connect(opened: OpenTab): Promise<void> {
    const { tab, rooms } = opened
    const room = this.#chance.pick(this.#rooms) ?? ''
    const ways = WAYS[this.#plan.tabs]
    const way = ways.length > 1 ? this.#chance.pick(ways) : ways[0]
    const lastMs = performance.now() + 120_000
    while (performance.now() < lastMs) {
      const failed = await this.#scene.connect(tab, way).then(
        () => false,
        () => true,
      )
      // Closed or crashed meanwhile.
      if (failed && !this.#tabs.includes(opened)) return
      if (failed) {
        await this.#reachable.promise
        continue
      }
      rooms.add(room)
      await tab.join(room, NICK).catch(() => rooms.delete(room))
      return
    }
  }

  async #close(): Promise<void> {
    const gone = await this.#take()
    await gone?.tab.close()
  }

  async #reload(): Promise<void> {
    const gone = await this.#take()
    if (!gone) return
    await gone.tab.close()
    await this.#open()
  }

  /** A tab whose time is over; what it was told so far is kept. */
  async #take(): Promise<OpenTab | undefined> {
    const gone = this.#chance.pick(this.#tabs)
    if (!gone) return undefined
    this.#tabs.splice(this.#tabs.indexOf(gone), 1)
    this.#periods.push(...periodsOf(gone.name, await gone.tab.told(), false))
    return gone
  }

  async #fault(fault: Fault): Promise<void> {
    const { wire } = this.#scene
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1
    const heals = (): void => {
      this.#healIn = 2 + this.#chance.below(6)
    }
    if (fault === 'cut') wire.cut({ how: this.#chance.pick(['reset', 'fin', 'close'] as const) ?? 'reset' })
    else if (fault === 'offline') {
      this.#outOfReach()
      wire.refuse(true)
      wire.cut({ how: 'reset' })
      heals()
    } else if (fault === 'swallow up' || fault === 'swallow down') {
      wire.swallow(fault === 'swallow up' ? 'up' : 'down')
      heals()
    } else if (fault === 'stall down') {
      wire.stall('down')
      heals()
    } else if (fault === 'lose session') {
      const off = wire.rule(({ dir, text }) => {
        if (dir !== 'up' || !/^<(?:resume|authenticate)\b/.test(text) || !text.includes('<resume')) return 'pass'
        off()
        return { replace: text.replace(/previd="[^"]*"/, 'previd="nobody"') }
      })
      wire.cut({ how: 'reset' })
    } else if (fault === 'crash tab') {
      if (this.#tabs.length > 1) await (await this.#take())?.tab.crash()
    } else if (fault === 'kill worker') await this.#tabs[0]?.tab.killWorker().catch(() => undefined)
    else if (fault === 'block tab') {
      const blocked = this.#chance.pick(this.#tabs)
      if (blocked) this.#call(blocked.tab.page.evaluate(blockFor, BLOCKED_MS).catch(() => undefined))
    } else await this.#restartServer()
  }

  async #restartServer(): Promise<void> {
    const { server } = this.#stage
    const jids = this.#others.map(({ jid }) => jid)
    this.#outOfReach()
    await server.stop()
    await server.start()
    this.#reachable.done()
    this.#others = await Promise.all(
      jids.map((jid) => {
        const [bare = '', resource = ''] = jid.split('/')
        return RawClient.connect({ url: server.url, jid: bare, password: PASSWORD, resource })
      }),
    )
    await this.#enter(0)
  }

  /** What was swallowed is lost: the connection that lost it is broken, as by any network. */
  #heal(): void {
    const { wire } = this.#scene
    wire.cut({ how: 'reset' })
    wire.refuse(false)
    this.#reachable.done()
    wire.release('up')
    wire.release('down')
  }

  #outOfReach(): void {
    const before = this.#reachable
    this.#reachable = begun()
    void this.#reachable.promise.then(before.done)
  }

  #call(call: Promise<unknown>): void {
    const done = call.catch(() => undefined).finally(() => this.#calls.delete(done))
    this.#calls.add(done)
  }

  async #end(): Promise<Outcome> {
    this.#heal()
    await this.#settled()
    for (const { tab, rooms } of this.#tabs) {
      for (const room of this.#rooms) {
        rooms.add(room)
        await this.#enterAtLast(tab, room)
      }
    }
    const findings: Findings = { lost: [], doubled: [], disordered: [] }
    // The second last word comes behind whatever still waited when the first one was said.
    for (const word of ['last word', 'very last word']) await this.#lastWord(word)
    for (const { name, tab } of this.#tabs) this.#periods.push(...periodsOf(name, await tab.told(), true))
    for (const room of this.#rooms) add(findings, await this.#audit(room))
    if (findings.lost.length + findings.doubled.length + findings.disordered.length > 0) await this.#keepEvidence()
    return { seed: this.#plan.seed, messages: this.#number, faults: this.#faults, ...findings }
  }

  /** The worker may have been killed in the last step: the next one has the room. */
  async #enterAtLast(tab: Tab, room: string): Promise<void> {
    const since = await tab.mark()
    const failed = await tab.join(room, NICK).then(
      () => undefined,
      (error: CallFailed) => error,
    )
    if (failed?.code === 'worker-gone') {
      await tab.sees({ name: 'status', event: { status: 'online' } }, { since })
      await tab.join(room, NICK)
    } else if (failed) throw new Error(`${room} cannot be joined: ${failed.message}`)
  }

  async #settled(): Promise<void> {
    while (this.#calls.size > 0) await Promise.all(this.#calls)
  }

  async #lastWord(word: string): Promise<void> {
    for (const room of this.#rooms) {
      await this.#others[0]?.say(room, word)
      for (const { tab } of this.#tabs) {
        await tab.sees({ room, name: 'message', event: { body: word } }, { ms: 60_000 })
        await tab.page.waitForFunction((jid) => harness.room(jid).outbox.length === 0, room, { timeout: 60_000 })
      }
    }
  }

  async #audit(room: string): Promise<Findings> {
    const findings: Findings = { lost: [], doubled: [], disordered: [] }
    const kept = await archiveOf(this.#witness, room)
    const [first] = this.#tabs
    if (first) {
      const found = compare(`archive of ${room}`, kept, await historyOf(first.tab, room), true)
      add(findings, found)
      const [line = ''] = [...found.lost, ...found.doubled]
      const [, body = ''] = /"(.*)"$/.exec(line) ?? []
      if (body !== '') findings.lost.push(`how ${line}:\n${storyOf(this.#scene.wire, body, room)}`)
    }
    for (const { tab, entries, toTheEnd } of this.#periods.filter((each) => each.room === room))
      add(findings, compare(`${tab} in ${room}`, kept, entries, toTheEnd))
    const counts = new Map<string, number>()
    for (const { body } of kept) counts.set(body, (counts.get(body) ?? 0) + 1)
    for (const [body, count] of counts)
      if (count > 1) findings.doubled.push(`${room}: "${body}" ${count} times\n${passagesOf(this.#scene.wire, body)}`)
    if (room === this.#rooms.at(-1)) findings.lost.push(...(await this.#undelivered()))
    return findings
  }

  async #keepEvidence(): Promise<void> {
    const { evidence, seed } = this.#plan
    if (evidence === undefined) return
    const told = this.#periods.map(
      ({ tab, room, entries }) => `${tab} in ${room}: ${entries.map(({ body }) => body).join(', ')}`,
    )
    const lines = await evidenceOf(this.#scene.wire, this.#tabs[0]?.tab, this.#rooms)
    await mkdir(evidence, { recursive: true })
    await writeFile(join(evidence, `seed-${seed}.txt`), [...lines, '', ...told, ''].join('\n'))
  }

  /** What a tab was told is in the outbox, and is in no room. */
  async #undelivered(): Promise<string[]> {
    const everything = new Set(
      (await Promise.all(this.#rooms.map((room) => archiveOf(this.#witness, room)))).flat().map(({ body }) => body),
    )
    return [...this.#said].flatMap(([body, state]) =>
      state === 'accepted' && !everything.has(body) ? [`never delivered: "${body}"`] : [],
    )
  }
}

interface Stretch {
  readonly promise: Promise<void>
  done(): void
}

function begun(): Stretch {
  let done = (): void => undefined
  const promise = new Promise<void>((resolve) => {
    done = resolve
  })
  return { promise, done }
}

function add(sum: Findings, more: Findings): void {
  sum.lost.push(...more.lost)
  sum.doubled.push(...more.doubled)
  sum.disordered.push(...more.disordered)
}

/** In the page: nothing else runs meanwhile. */
function blockFor(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}
