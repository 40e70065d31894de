import type { BrokerApi } from '../contract/api.ts'
import type { Inspection } from '../contract/model.ts'
import type { Plugin } from '../contract/plugin.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Store } from '../storage/store.ts'
import type { Later } from './later.ts'
import type { Log } from './log.ts'
import type { Clock, PasswordPrints, Upstream } from './ports.ts'
import type { Retention } from './retention.ts'

export interface BrokerOptions {
  /** Bare JID. */
  readonly account: string
  /** A name for this life of the worker. */
  readonly instance: string
  readonly engine: Inspection['engine']
  readonly upstream: Upstream
  readonly store: Store
  /** The archive is there, and another version of the application holds it: `store` is what there is instead. */
  readonly blocked?: boolean
  readonly clock: Clock
  readonly passwords: PasswordPrints
  /** The worker's, where it has one that outlives its brokers. */
  readonly log?: Log
  readonly retention?: Retention
  /** Our capabilities, as part of each presence; those of the plug-ins among them. */
  readonly caps?: XmlNode
  readonly plugins?: readonly Plugin[]
  /** What is there from the beginning of what is else loaded when it is first needed. */
  readonly later?: Later | undefined
  readonly loadLater?: () => Promise<Later>
}

/** A tab as the door sees it. */
export interface AttachedTab {
  readonly api: BrokerApi
  /** The tab has handled its events up to this number. */
  readonly acknowledge: (seq: number) => void
  /** The browser keeps its page, and may bring it back: it stays in its rooms, and is told nothing. */
  readonly suspend: () => void
  /** It is gone, or has another way to the broker now. */
  readonly detach: () => void
}
