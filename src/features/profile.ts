import { failure, MinimixError } from '../contract/errors.ts'
import type { Envelope, Plugin, PluginParts, PluginWorker } from '../contract/plugin.ts'
import { PROFILE, type Profile, type ProfileWorkerCalls, type ProfileWorkerEvents } from '../contract/profile.ts'
import { bareOf } from '../protocol/jid.ts'
import { NS_VCARD4, readProfile, VCARD4_NODE, withProfile } from '../protocol/profile.ts'
import { readVcard, vcardQuery } from '../protocol/xep-0054-vcard.ts'
import { itemsQuery, readItems, readItemsEvent } from '../protocol/xep-0163-pep.ts'
import { NS_NICK, nickEl, readNick } from '../protocol/xep-0172-nick.ts'
import { child, el, type XmlNode } from '../protocol/xml.ts'
import { Heard } from './heard.ts'
import { publishOpenly, Requester, serverHas } from './requester.ts'

/** What people say of themselves (XEP-0292, XEP-0054), and what they call themselves (XEP-0172). */
export const profile: Plugin<ProfileWorkerCalls, ProfileWorkerEvents> = {
  name: PROFILE,
  features: [`${NS_NICK}+notify`],
  start: (worker) => new Profiles(worker).parts,
}

class Profiles {
  readonly #worker: PluginWorker<ProfileWorkerEvents>
  readonly #requester: Requester
  /** By bare JID; empty for those who took it back. */
  readonly #nicks: Heard
  /** One change after the other: each is made of what the card was. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(worker: PluginWorker<ProfileWorkerEvents>) {
    this.#worker = worker
    this.#requester = new Requester(worker)
    this.#nicks = new Heard(worker.kept, (text) => worker.log('error', text))
  }

  get parts(): PluginParts<ProfileWorkerCalls> {
    return {
      calls: {
        get: (jid) => this.#get(jid ?? this.#worker.account),
        set: (changes) => {
          const done = this.#turn.then(() => this.#set(changes))
          this.#turn = done.catch(() => undefined) // who asked for it is told
          return done
        },
      },
      attached: (tab) => void this.#nicks.loaded.then(() => this.#worker.tell('nicks', this.#nicks.all, tab)),
      save: () => this.#nicks.save(),
      stanza: (stanza, envelope) => this.#stanza(stanza, envelope),
    }
  }

  /** Only its owner speaks of a node. */
  #stanza(stanza: XmlNode, { kind, type, from = this.#worker.account }: Envelope): boolean {
    if (kind !== 'message' || type === 'error' || from !== bareOf(from)) return false
    const items = readItemsEvent(stanza, NS_NICK)
    const last = items === 'purged' ? '' : items?.flatMap((item) => readNick(item) ?? []).at(-1)
    if (last !== undefined) this.#heard(from, last)
    return items !== undefined
  }

  #heard(jid: string, nick: string): void {
    if (this.#nicks.note(jid, nick) !== undefined) this.#worker.tell('nick', { jid, ...(nick && { nick }) })
  }

  #mustBeOnline(): void {
    if (!this.#worker.online) throw new MinimixError(failure('offline', 'profile: there is no connection'))
  }

  async #get(jid: string): Promise<Profile> {
    this.#mustBeOnline()
    const isInRoom = this.#worker.isRoom(bareOf(jid))
    // Of people their devices are nobody's matter; in a room each resource is somebody else.
    const whose = isInRoom ? jid : bareOf(jid)
    const card = (isInRoom ? undefined : await this.#cardOfNode(whose)) ?? (await this.#cardOfOld(whose))
    const nick = this.#nicks.get(whose)
    return { ...(nick && { nick }), ...(card && readProfile(card)) }
  }

  async #cardOfNode(jid: string): Promise<XmlNode | undefined> {
    const answer = await this.#requester.get(jid, itemsQuery(VCARD4_NODE))
    const [item] = (answer && readItems(answer, VCARD4_NODE)) ?? []
    return item && child(item, NS_VCARD4, 'vcard')
  }

  async #cardOfOld(jid: string): Promise<XmlNode | undefined> {
    const answer = await this.#requester.get(jid, vcardQuery())
    return answer && readVcard(answer)
  }

  async #set(changes: Profile): Promise<void> {
    this.#mustBeOnline()
    const { account, request } = this.#worker
    if (await serverHas(this.#worker, NS_VCARD4)) {
      const card = withProfile((await this.#cardOfNode(account)) ?? el(NS_VCARD4, 'vcard'), changes)
      await publishOpenly(this.#worker, VCARD4_NODE, 'current', card)
    } else {
      const card = (await this.#cardOfOld(account)) ?? vcardQuery()
      await request({ type: 'set', payload: withProfile(card, changes) })
    }
    if (changes.nick !== undefined) await this.#call(changes.nick)
  }

  /** A server without nodes has it in the card. */
  async #call(nick: string): Promise<void> {
    try {
      await publishOpenly(this.#worker, NS_NICK, 'current', nickEl(nick))
    } catch (error) {
      if (!(error instanceof MinimixError) || error.code === 'timeout') throw error
      this.#worker.log('info', `nick: ${error.message}`)
    }
    this.#heard(this.#worker.account, nick)
  }
}
