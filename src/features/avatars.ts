import { imageType } from '../account/image-type.ts'
import {
  AVATARS,
  type AvatarAsk,
  type AvatarImage,
  type AvatarWorkerCalls,
  type AvatarWorkerEvents,
} from '../contract/avatars.ts'
import { failure, MinimixError } from '../contract/errors.ts'
import type { Envelope, Plugin, PluginParts, PluginWorker } from '../contract/plugin.ts'
import { bareOf, resourceOf } from '../protocol/jid.ts'
import { readPhoto, readVcard, vcardQuery, withPhoto } from '../protocol/xep-0054-vcard.ts'
import {
  avatarData,
  avatarMetadata,
  NS_AVATAR_DATA,
  NS_AVATAR_METADATA,
  readAvatarData,
  readAvatarMetadata,
} from '../protocol/xep-0084-user-avatar.ts'
import { avatarUpdate, readAvatarId, readAvatarUpdate } from '../protocol/xep-0153-vcard-avatar.ts'
import { itemsQuery, readItems, readItemsEvent, retractQuery } from '../protocol/xep-0163-pep.ts'
import type { XmlNode } from '../protocol/xml.ts'
import { AvatarStore } from './avatar-store.ts'
import { Heard } from './heard.ts'
import { publishOpenly, Requester, serverHas } from './requester.ts'

/** What the worker's environment makes of bytes. */
export interface Bytes {
  /** In hexadecimal. */
  readonly sha1: (bytes: Uint8Array<ArrayBuffer>) => Promise<string>
  readonly toBase64: (bytes: Uint8Array) => string
  /** @throws where it is none */
  readonly fromBase64: (text: string) => Uint8Array<ArrayBuffer>
}

/** In bytes. Others have what they like; ours must fit into a stanza, which servers end streams for when it is too long. */
const LARGEST = 1024 * 1024
const LARGEST_OWN = 128 * 1024
/** How long an image that could not be had is not asked for again, and one with which the connection was lost. */
const MISSING_MS = 300_000
const LOST_MS = 60_000
const MOST_MISSING = 1_000
const NS_CONVERSION = 'urn:xmpp:pep-vcard-conversion:0'
/** Of the item that says there is none. */
const NONE = 'none'

/** Pictures of people (XEP-0084, XEP-0153) and rooms (XEP-0486), each fetched once. */
export function avatars(bytes: Bytes): Plugin<AvatarWorkerCalls, AvatarWorkerEvents> {
  return {
    name: AVATARS,
    features: [`${NS_AVATAR_METADATA}+notify`],
    start: (worker) => new Avatars(worker, bytes).parts,
  }
}

class Avatars {
  readonly #worker: PluginWorker<AvatarWorkerEvents>
  readonly #bytes: Bytes
  readonly #requester: Requester
  readonly #store: AvatarStore
  /** By bare JID; empty for somebody who has none. */
  readonly #hashes: Heard
  /** Those whose hash is from their node, which is asked first then. */
  readonly #byNode = new Set<string>()
  /** By hash, or where that is to be found out, by JID. */
  readonly #running = new Map<string, Promise<AvatarImage | undefined>>()
  readonly #missing = new Map<string, number>()
  /** One change of the own picture after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(worker: PluginWorker<AvatarWorkerEvents>, bytes: Bytes) {
    this.#worker = worker
    this.#bytes = bytes
    this.#requester = new Requester(worker)
    const log = (text: string): void => worker.log('error', text)
    this.#store = new AvatarStore(worker.kept, log)
    this.#hashes = new Heard(worker.kept, log)
    // So that the first presence has it already.
    void this.#hashes.loaded.then(() => this.#present())
  }

  get parts(): PluginParts<AvatarWorkerCalls> {
    return {
      calls: {
        image: async (ask) => (await this.#image(ask)) ?? null,
        set: (bytes) => this.#inTurn(() => this.#set(bytes)),
        remove: () => this.#inTurn(() => this.#remove()),
      },
      online: (resumed) => {
        if (resumed) return
        this.#byNode.clear()
        // Who had none, and did not say so, may have one by now.
        this.#hashes.forget('', this.#worker.account)
        void this.#hashes.loaded.then(() => this.#lookAgain())
      },
      attached: (tab) => void this.#hashes.loaded.then(() => this.#worker.tell('hashes', this.#hashes.all, tab)),
      save: () => this.#hashes.save(),
      stanza: (stanza, envelope) => this.#stanza(stanza, envelope),
    }
  }

  #stanza(stanza: XmlNode, { kind, type, from }: Envelope): boolean {
    const { account, isRoom } = this.#worker
    const jid = from === undefined ? account : bareOf(from)
    if (type === 'error') return false
    if (kind === 'presence') {
      const said = type === undefined && jid !== account ? readAvatarUpdate(stanza) : undefined
      const hash = said && readAvatarId(said)
      // A room speaks of itself by its bare JID; of occupants it speaks elsewhere.
      const isOwnWord = from !== undefined && (resourceOf(from) === undefined || !isRoom(jid))
      if ((hash || said === '') && isOwnWord && !this.#byNode.has(jid)) this.#heard(jid, hash ?? '')
      return false
    }
    if (from !== undefined && from !== jid) return false
    const items = readItemsEvent(stanza, NS_AVATAR_METADATA)
    const last = items === 'purged' ? '' : items?.flatMap((item) => readAvatarMetadata(item) ?? []).at(-1)
    if (last !== undefined) this.#heardOfNode(jid, last)
    return items !== undefined
  }

  #heardOfNode(jid: string, hash: string): void {
    this.#byNode.add(jid)
    this.#heard(jid, hash)
  }

  #heard(jid: string, hash: string): void {
    const gone = this.#hashes.note(jid, hash)
    if (gone === undefined) return
    this.#byNode.delete(gone)
    this.#worker.tell('changed', { jid, ...(hash && { hash }) })
    if (jid === this.#worker.account) this.#present()
  }

  /** The own picture is part of each presence, as soon as it is known (XEP-0153 section 3.1). */
  #present(): void {
    const own = this.#hashes.get(this.#worker.account)
    if (own !== undefined) this.#worker.present(avatarUpdate(own))
  }

  /** Another device may have taken away what was known: of that no server tells. */
  async #lookAgain(): Promise<void> {
    const { account } = this.#worker
    if (!this.#hashes.get(account)) return
    await this.#findOut(account).catch((error: unknown) => this.#worker.log('info', `not read: ${String(error)}`))
  }

  async #image({ jid: address, hash }: AvatarAsk): Promise<AvatarImage | undefined> {
    await this.#hashes.loaded
    // Of people their devices are nobody's matter; of rooms each resource is somebody else.
    const bare = bareOf(address ?? '')
    const jid = this.#worker.isRoom(bare) ? address : bare || undefined
    const wanted = hash ?? this.#hashes.get(jid ?? '')
    const key = wanted ?? jid
    if (!key) return undefined
    let running = this.#running.get(key)
    if (!running) {
      running = this.#find(jid, wanted).finally(() => this.#running.delete(key))
      this.#running.set(key, running)
    }
    return running
  }

  async #find(jid: string | undefined, hash: string | undefined): Promise<AvatarImage | undefined> {
    const { online, nowMs } = this.#worker
    const stored = hash === undefined ? undefined : await this.#store.get(hash)
    if (stored) return stored
    const key = hash ?? jid ?? ''
    if (jid === undefined || (this.#missing.get(key) ?? 0) > nowMs()) return undefined
    if (!online) throw new MinimixError(failure('offline', `avatar of ${jid}: there is no connection`))
    // One that is too large for the connection must not end the next one, too.
    this.#miss(key, LOST_MS)
    const found = await (hash === undefined ? this.#findOut(jid) : this.#fetch(jid, hash))
    if (found) this.#missing.delete(key)
    else this.#miss(key, MISSING_MS)
    return found
  }

  #miss(key: string, ms: number): void {
    this.#missing.delete(key)
    this.#missing.set(key, this.#worker.nowMs() + ms)
    const [oldest = ''] = this.#missing.keys()
    if (this.#missing.size > MOST_MISSING) this.#missing.delete(oldest)
  }

  /** Of somebody who has not said whether they have one. */
  async #findOut(jid: string): Promise<AvatarImage | undefined> {
    const isPerson = !this.#worker.isRoom(bareOf(jid))
    const items = isPerson ? await this.#items(jid, NS_AVATAR_METADATA) : []
    const hash = items.flatMap((item) => readAvatarMetadata(item) ?? []).at(-1)
    if (hash !== undefined) {
      this.#heardOfNode(jid, hash)
      return hash === '' ? undefined : this.#image({ jid, hash })
    }
    const found = await this.#ofCard(jid)
    if (resourceOf(jid) === undefined) this.#heard(jid, found?.hash ?? '')
    return found
  }

  async #fetch(jid: string, hash: string): Promise<AvatarImage | undefined> {
    const ofNode = async (): Promise<AvatarImage | undefined> => {
      const [item] = await this.#items(jid, NS_AVATAR_DATA, hash)
      return this.#checked(item && readAvatarData(item), hash)
    }
    if (this.#worker.isRoom(bareOf(jid))) return this.#ofCard(jid, hash)
    if (this.#byNode.has(jid)) return (await ofNode()) ?? this.#ofCard(jid, hash)
    return (await this.#ofCard(jid, hash)) ?? ofNode()
  }

  async #ofCard(jid: string, hash?: string): Promise<AvatarImage | undefined> {
    const answer = await this.#requester.get(jid, vcardQuery())
    const card = answer && readVcard(answer)
    return this.#checked(card && readPhoto(card), hash)
  }

  async #items(jid: string, node: string, item?: string): Promise<readonly XmlNode[]> {
    const answer = await this.#requester.get(jid, itemsQuery(node, item))
    return (answer && readItems(answer, node)) ?? []
  }

  /** What came, if it is the image that was named, and one that may be shown. */
  async #checked(base64: string | undefined, wanted?: string): Promise<AvatarImage | undefined> {
    if (base64 === undefined || base64.length > LARGEST * 1.5) return undefined
    let bytes: Uint8Array<ArrayBuffer>
    try {
      bytes = this.#bytes.fromBase64(base64)
    } catch {
      return undefined // nobody's image: what others send is what they like
    }
    const type = imageType(bytes)
    if (type === undefined || bytes.length > LARGEST) return undefined
    const hash = await this.#bytes.sha1(bytes)
    if (wanted !== undefined && hash !== wanted) return undefined
    const image = { hash, type, bytes }
    await this.#store.put(image)
    return image
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(run)
    this.#turn = done.catch(() => undefined) // who asked for it is told
    return done
  }

  async #set(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const type = imageType(bytes)
    if (type === undefined || bytes.length > LARGEST_OWN) {
      const what = type === undefined ? 'no PNG, JPEG, GIF or WebP' : `more than ${LARGEST_OWN} bytes`
      throw new MinimixError(failure('not-acceptable', `avatars.set: ${what}`))
    }
    const base64 = this.#bytes.toBase64(bytes)
    const id = await this.#bytes.sha1(bytes)
    await this.#publish({ type, base64 }, async () => {
      await publishOpenly(this.#worker, NS_AVATAR_DATA, id, avatarData(base64))
      await publishOpenly(this.#worker, NS_AVATAR_METADATA, id, avatarMetadata({ id, bytes: bytes.length, type }))
    })
    await this.#store.put({ hash: id, type, bytes })
    this.#heardOfNode(this.#worker.account, id)
    return id
  }

  async #remove(): Promise<void> {
    await this.#publish(undefined, async () => {
      await publishOpenly(this.#worker, NS_AVATAR_METADATA, NONE, avatarMetadata())
      // Those who come later are to find nothing: Prosody takes the name of the last item for a hash.
      await this.#worker.request({ type: 'set', payload: retractQuery(NS_AVATAR_METADATA, NONE) })
    })
    this.#heardOfNode(this.#worker.account, '')
  }

  /** Both ways, unless the server keeps them the same by itself (XEP-0398); one that works is enough. */
  async #publish(photo: Parameters<typeof withPhoto>[1], toNode: () => Promise<void>): Promise<void> {
    if (!this.#worker.online) throw new MinimixError(failure('offline', 'avatars: there is no connection'))
    if (await serverHas(this.#worker, NS_CONVERSION)) return toNode()
    const [card, node] = [await outcome(() => this.#toCard(photo)), await outcome(toNode)]
    if (card && node) throw node
  }

  async #toCard(photo: Parameters<typeof withPhoto>[1]): Promise<void> {
    const answer = await this.#requester.get(this.#worker.account, vcardQuery())
    const card = (answer && readVcard(answer)) ?? vcardQuery()
    await this.#worker.request({ type: 'set', payload: withPhoto(card, photo) })
  }
}

/** Why it failed, or `undefined`. */
async function outcome(run: () => Promise<void>): Promise<unknown> {
  try {
    await run()
    return undefined
  } catch (error) {
    if (error instanceof MinimixError) return error
    throw error
  }
}
