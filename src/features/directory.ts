import {
  DIRECTORY,
  type DirectoryCalls,
  type FoundRoom,
  type PageCall,
  type RoomPage,
  type RoomService,
} from '../contract/directory.ts'
import { failure, MinimixError } from '../contract/errors.ts'
import type { Plugin, PluginWorker } from '../contract/plugin.ts'
import { bareOf, domainOf, parseJid } from '../protocol/jid.ts'
import { readRoomInfo } from '../protocol/room-config.ts'
import { readForm } from '../protocol/xep-0004-forms.ts'
import {
  type DiscoInfo,
  NS_DISCO_INFO,
  NS_DISCO_ITEMS,
  readDiscoInfo,
  readDiscoItems,
} from '../protocol/xep-0030-disco.ts'
import { configurationOf, configurationRequest } from '../protocol/xep-0045-admin.ts'
import { NS_MUC } from '../protocol/xep-0045-muc.ts'
import { isMore, pageWish, readPage } from '../protocol/xep-0059-rsm.ts'
import { NS_CHANNEL_SEARCH, readFound, searchEl, searchFormEl } from '../protocol/xep-0433-channel-search.ts'
import { child, el, elementsOf, type XmlNode } from '../protocol/xml.ts'
import { presetValues } from './room-preset.ts'

/** How many things of a server are asked what they are. */
const MOST_ITEMS = 30
/** How many rooms of a service are looked at, where it cannot search by itself, and how many at once. */
const MOST_SEARCHED = 5_000
const SEARCHED_AT_ONCE = 100
/** Of what is asked for beyond this ejabberd gives the end, and says that it is the beginning. */
const MOST_AT_ONCE = 100

interface Services {
  readonly rooms: readonly RoomService[]
  /** Where there is one that searches (XEP-0433). */
  readonly search: string | undefined
}

/** Rooms to find, and what they are: by service discovery (XEP-0030, XEP-0045 section 6) and searches (XEP-0433). */
export const directory: Plugin<DirectoryCalls> = {
  name: DIRECTORY,
  start(worker) {
    const ask = asking(worker)
    /** Of this session. */
    let services: Promise<Services> | undefined
    const known = (): Promise<Services> => {
      if (services) return services
      const found = findServices(worker.account, ask, worker)
      services = found
      found.catch(() => {
        if (services === found) services = undefined
      })
      return found
    }
    const roomService = async (given: string | undefined): Promise<string> => {
      const service = given ?? (await known()).rooms[0]?.jid
      if (service === undefined) throw notFound(`${domainOf(worker.account)} has no service of rooms`)
      return service
    }

    return {
      lost() {
        services = undefined
      },
      calls: {
        services: async () => (await known()).rooms,
        rooms: async (call) => roomsOf(await roomService(call.service), call, ask),
        async search(call) {
          const { service } = call
          const searches =
            service === undefined
              ? (await known()).search
              : (await ask.info(service))?.features.has(NS_CHANNEL_SEARCH) && service
          return searches ? searchBy(searches, call, ask) : filtered(await roomService(service), call, ask)
        },
        async info({ room }) {
          const info = readRoomInfo(room, await ask.roomInfo(room))
          if (!info) throw new MinimixError(failure('room-not-found', `info of ${room}: that is no room`))
          return info
        },
        async vacant({ jid, service, local = worker.newId() }) {
          const address = jid ?? `${local}@${await roomService(service)}`
          const { bare, local: found, resource } = parseJid(address) ?? {}
          if (bare === undefined || found === undefined || resource !== undefined)
            throw new MinimixError(failure('jid-malformed', `"${address}" is not the address of a room`))
          const there = await ask.roomInfo(bare).catch((error: unknown) => {
            if (error instanceof MinimixError && error.code === 'room-not-found') return undefined
            throw error
          })
          if (there) throw isThere(bare)
          return bare
        },
        async plan({ room, created, ...plan }) {
          if (!created) throw isThere(room)
          const query = configurationOf(await ask.get(room, ...elementsOf(configurationRequest(room, ''))))
          const form = query && readForm(query)
          const values = form && presetValues(form, plan)
          if (!values) throw new MinimixError(failure('not-acceptable', `${room} cannot be a ${plan.preset}`))
          return { form, values }
        },
      },
    }
  },
}

interface Asking {
  get(to: string, payload?: XmlNode): Promise<XmlNode>
  info(to: string): Promise<DiscoInfo | undefined>
  /** @throws MinimixError `room-not-found` where nothing is there */
  roomInfo(room: string): Promise<XmlNode>
}

function asking(worker: PluginWorker): Asking {
  const get = async (to: string, payload = el(NS_DISCO_INFO, 'query'), anew = false): Promise<XmlNode> => {
    if (!worker.online) throw new MinimixError(failure('offline', `${payload.name} to ${to}: there is no connection`))
    return worker.request({ to, type: 'get', payload, anew })
  }
  return {
    get,
    info: async (to) => readDiscoInfo(await get(to)),
    roomInfo: (room) =>
      get(room, undefined, true).catch((error: unknown) => {
        const gone = error instanceof MinimixError && error.condition === 'item-not-found'
        throw gone ? notFound(`${room} is not there`) : error
      }),
  }
}

const isThere = (room: string): MinimixError =>
  new MinimixError(failure('stanza-error', `${room} is there`, { condition: 'conflict' }))

const notFound = (text: string): MinimixError =>
  new MinimixError(failure('room-not-found', text, { condition: 'item-not-found' }))

/** What belongs to the own server, and says that it has rooms, or searches for them; the silent are left out. */
async function findServices(account: string, ask: Asking, { log }: PluginWorker): Promise<Services> {
  const items = readDiscoItems(await ask.get(domainOf(account), el(NS_DISCO_ITEMS, 'query'))) ?? []
  const asked = items.slice(0, MOST_ITEMS).map(async ({ jid, name }) => {
    const info = await ask.info(jid).catch((error: unknown) => log('debug', `${jid}: ${String(error)}`))
    const conference = info?.identities.find(({ category }) => category === 'conference')
    const named = name ?? conference?.name
    return {
      found: { jid, ...(named && { name: named }) },
      hasRooms: conference !== undefined && info?.features.has(NS_MUC),
      searches: info?.features.has(NS_CHANNEL_SEARCH),
    }
  })
  const all = await Promise.all(asked)
  return {
    rooms: all.filter(({ hasRooms }) => hasRooms).map(({ found }) => found),
    search: all.find(({ searches }) => searches)?.found.jid,
  }
}

/** Rooms that a service lists. One that knows no pages lists all of them each time: then we make the pages. */
async function roomsOf(service: string, { after, limit }: PageCall, ask: Asking): Promise<RoomPage> {
  const wish = { max: Math.min(limit, MOST_AT_ONCE), after }
  const answer = await ask.get(service, el(NS_DISCO_ITEMS, 'query', undefined, pageWish(wish)))
  const query = child(answer, NS_DISCO_ITEMS, 'query')
  const items = (query && readDiscoItems(answer)) ?? []
  const listed = items.filter(({ jid }) => jid !== service && bareOf(jid) === jid && domainOf(jid) === service)
  const rooms = listed.map(({ jid, name }): FoundRoom => ({ room: jid, ...(name && { name }) }))
  const answered = readPage(query ?? answer)
  const { last } = answered
  if (last !== undefined) return { rooms, ...(isMore(answered, items.length, wish) && { after: last }) }
  const rest = rooms
    .sort((a, b) => (a.room < b.room ? -1 : 1))
    .filter(({ room }) => after === undefined || room > after)
  const page = rest.slice(0, limit)
  const end = page.at(-1)?.room
  return { rooms: page, ...(end !== undefined && rest.length > limit && { after: end }) }
}

async function searchBy(
  service: string,
  { text, after, limit }: PageCall & { readonly text: string },
  ask: Asking,
): Promise<RoomPage> {
  const asked = child(await ask.get(service, searchFormEl()), NS_CHANNEL_SEARCH, 'search')
  const page = { max: limit, after }
  const found = readFound(await ask.get(service, searchEl(text, page, asked && readForm(asked))))
  if (!found) throw new MinimixError(failure('stanza-error', `${service}: the result of the search holds no answer`))
  const answered = readPage(found.result)
  const { last } = answered
  const more = isMore(answered, found.rooms.length, page)
  return { rooms: found.rooms, ...(last !== undefined && more && { after: last }) }
}

/** Rooms with all the words in name or address. */
async function filtered(
  service: string,
  { text, limit }: PageCall & { readonly text: string },
  ask: Asking,
): Promise<RoomPage> {
  const words = plain(text).split(/\s+/).filter(Boolean)
  const found: FoundRoom[] = []
  let after: string | undefined
  for (let seen = 0; seen < MOST_SEARCHED && found.length < limit; seen += SEARCHED_AT_ONCE) {
    const page = await roomsOf(service, { ...(after !== undefined && { after }), limit: SEARCHED_AT_ONCE }, ask)
    for (const each of page.rooms) {
      const said = plain(`${parseJid(each.room)?.local} ${each.name ?? ''}`)
      if (words.every((word) => said.includes(word))) found.push(each)
    }
    after = page.after
    if (after === undefined) break
  }
  return { rooms: found.slice(0, limit) }
}

/** Without case and diacritics. */
const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
