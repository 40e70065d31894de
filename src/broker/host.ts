import { type BrokerApi, CONTRACT_VERSION } from '../contract/api.ts'
import { type Failure, failure } from '../contract/errors.ts'
import type { Port } from '../contract/port.ts'
import type { Broker } from './broker.ts'
import { Door, type Entrance } from './door.ts'
import { Engine } from './engine.ts'
import type { Broadcast, Clock, Locks, PortsOf } from './ports.ts'

export interface HostWorld {
  readonly locks: Locks
  readonly clock: Clock
  readonly control: Broadcast
  readonly expose: (api: BrokerApi, port: Port) => void
  /** Builds the broker of one life: called once the account is ours. */
  readonly newBroker: (account: string, instance: string) => Promise<Broker>
  /** Lets pages in that have no port to this worker, as long as the account is ours. @returns ends that */
  readonly hearPages: (account: string, open: (port: Port, portsOf: PortsOf) => void) => () => void
}

/** From its birth until it lets go of the account: a worker may have several lives, one behind the other. */
interface Life {
  readonly instance: string
  readonly held: Promise<() => void>
  readonly door: Door
  broker?: Promise<Broker>
  stopHearing?: () => void
  /** Tabs that are on their way in. */
  entering: number
}

/**
 * What a worker is beside its broker: it serves one account, the one that its first tab names; it has a broker as long as
 * that account is its own; and it begins anew when it gave the account away, or was robbed of it.
 */
export class Host {
  readonly #world: HostWorld
  readonly #name: string
  #life: Life
  #account: string | undefined
  #engine: Engine | undefined
  #claim: Promise<Entrance> | undefined
  /** The end of the life before, which a claim waits for. */
  #ending: Promise<void> = Promise.resolve()

  constructor(world: HostWorld) {
    this.#world = world
    this.#name = world.clock.newId()
    this.#life = this.#begin()
  }

  /** A tab has connected. */
  open(port: Port, portsOf: PortsOf = ({ ports }) => ports): void {
    this.#life.door.open(port, portsOf)
  }

  /** The broker of this life, where there is one. */
  get broker(): Promise<Broker> | undefined {
    return this.#life.broker
  }

  /** The page that hosts this worker cannot go on: somebody else is to have the account. */
  async release(): Promise<void> {
    await this.#handOver()
    this.#engine?.release()
  }

  #begin(): Life {
    const { locks, clock, expose } = this.#world
    const instance = clock.newId()
    const name = `minimix:broker:${instance}`
    const held = locks.hold(name)
    const entranceOf = (account: string): Promise<Entrance> => this.#entranceOf(account, life)
    const life: Life = {
      instance,
      held,
      door: new Door({ instance, lock: { name, held }, locks, expose, entranceOf }),
      entering: 0,
    }
    return life
  }

  async #entranceOf(account: string, life: Life): Promise<Entrance> {
    this.#account ??= account
    if (account !== this.#account) throw new Error(`this worker serves ${this.#account}`)
    life.entering += 1
    try {
      await this.#ending
      this.#engine ??= this.#newEngine(account)
      this.#claim ??= this.#claimed(this.#engine, life).finally(() => {
        this.#claim = undefined
      })
      return await this.#claim
    } finally {
      life.entering -= 1
    }
  }

  async #claimed(engine: Engine, life: Life): Promise<Entrance> {
    const { newBroker, hearPages } = this.#world
    const account = this.#account
    if (account === undefined) throw new Error('no tab has named an account')
    const known = await life.broker
    if (known && !known.wiped) return known
    const claim = await engine.claim()
    if (!claim.ours) {
      if (claim.contract === CONTRACT_VERSION) return { elsewhere: claim.contract }
      return { refused: newer(claim.contract) }
    }
    life.broker = newBroker(account, life.instance)
    life.stopHearing ??= hearPages(account, (port, portsOf) => life.door.open(port, portsOf))
    return life.broker
  }

  #newEngine(account: string): Engine {
    const { locks, clock, control } = this.#world
    return new Engine({
      account,
      contract: CONTRACT_VERSION,
      name: this.#name,
      locks,
      clock,
      control,
      gives: (contract) => contract > CONTRACT_VERSION || (contract === CONTRACT_VERSION && this.#isIdle),
      handOver: (contract) => this.#handOver(contract),
      onStolen: () => void this.#end((broker) => broker.abandon()),
    })
  }

  get #isIdle(): boolean {
    const { entering, door } = this.#life
    return entering === 0 && door.isEmpty
  }

  #handOver(contract = CONTRACT_VERSION): Promise<void> {
    return this.#end((broker) => broker.handOver(), contract > CONTRACT_VERSION ? newer(contract) : undefined)
  }

  /** The life ends, and with it the lock that its tabs wait for: they look for the next one. */
  #end(stop: (broker: Broker) => Promise<void> | void, error?: Failure): Promise<void> {
    const life = this.#life
    this.#life = this.#begin()
    life.stopHearing?.()
    life.door.close(error)
    const end = async (): Promise<void> => {
      try {
        const broker = await life.broker
        if (broker) await stop(broker)
      } finally {
        void life.held.then((letGo) => letGo())
      }
    }
    // Who waits for it learns from the claim what there is to learn.
    this.#ending = end().catch(() => undefined)
    return this.#ending
  }
}

function newer(contract: number): Failure {
  return failure('outdated', `version ${contract} has the account, this tab speaks ${CONTRACT_VERSION}: reload`)
}
