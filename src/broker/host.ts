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
  /** Of the account; one at a time. */
  claim?: Promise<Entrance> | undefined
  broker?: Promise<Broker>
  stopHearing?: () => void
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
  /** The broker of a life that ends. */
  #leaving: Broker | undefined
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
    const life: Life = { instance, held, door: new Door({ instance, lock: { name, held }, locks, expose, entranceOf }) }
    return life
  }

  async #entranceOf(account: string, life: Life): Promise<Entrance> {
    this.#account ??= account
    if (account !== this.#account) throw new Error(`this worker serves ${this.#account}`)
    await this.#ending
    this.#mustGoOn(life)
    this.#engine ??= this.#newEngine(account)
    life.claim ??= this.#claimed(this.#engine, life).finally(() => {
      life.claim = undefined
    })
    return life.claim
  }

  async #claimed(engine: Engine, life: Life): Promise<Entrance> {
    const { newBroker, hearPages } = this.#world
    const account = this.#account
    if (account === undefined) throw new Error('no tab has named an account')
    if (life.broker) return life.broker
    const claim = await engine.claim()
    if (!claim.ours) {
      if (claim.contract === CONTRACT_VERSION) return { elsewhere: claim.contract }
      return { refused: newer(claim.contract) }
    }
    this.#mustGoOn(life)
    life.broker ??= newBroker(account, life.instance).catch((error: unknown) => {
      delete life.broker
      engine.release()
      throw error
    })
    life.stopHearing ??= hearPages(account, (port, portsOf) => life.door.open(port, portsOf))
    return life.broker
  }

  /** Its door is closed, so nobody hears of the error. */
  #mustGoOn(life: Life): void {
    if (life !== this.#life) throw new Error('this life of the worker is over')
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
      gives: (contract) => contract > CONTRACT_VERSION || (contract === CONTRACT_VERSION && this.#life.door.isEmpty),
      handOver: (contract) => this.#handOver(contract),
      onStolen: () => this.#robbed(),
    })
  }

  /** Also of what is just being handed over, and took too long. */
  #robbed(): void {
    this.#leaving?.abandon()
    void this.#end((broker) => broker.abandon())
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
        await life.claim?.catch(() => undefined) // what it got for this life must not outlive it
        this.#leaving = await life.broker
        if (this.#leaving) await stop(this.#leaving)
      } finally {
        this.#leaving = undefined
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
