import type { RoomQuestionName, RoomQuestions } from '../contract/room-questions.ts'
import { emptySubmit, readForm, submitForm, submitFormWith } from '../protocol/xep-0004-forms.ts'
import {
  configurationOf,
  configurationRequest,
  configureRequest,
  destroyRequest,
  listRequest,
  readList,
  setAffiliationRequest,
  setRoleRequest,
} from '../protocol/xep-0045-admin.ts'
import {
  readReservedNick,
  registerRequest,
  registrationOf,
  registrationRequest,
  reservedNickRequest,
} from '../protocol/xep-0077-register.ts'
import type { XmlNode } from '../protocol/xml.ts'

interface Question<N extends RoomQuestionName> {
  readonly ask: (room: string, id: string, args: RoomQuestions[N]['args']) => XmlNode
  /** `undefined`: the result is not an answer to the question. */
  readonly read: (result: XmlNode) => RoomQuestions[N]['value'] | undefined
}

const ROOM_CONFIG = 'http://jabber.org/protocol/muc#roomconfig'
const done = (): null => null

/** Each question of a tab to a room as a request, and what its result means (XEP-0045 sections 7.10, 7.12, 8 to 10). */
export const ROOM_QUESTIONS: { readonly [N in RoomQuestionName]: Question<N> } = {
  setRole: { ask: (room, id, { nick, role, reason }) => setRoleRequest(room, id, nick, role, reason), read: done },
  setAffiliation: {
    ask: (room, id, { jid, affiliation, reason }) => setAffiliationRequest(room, id, jid, affiliation, reason),
    read: done,
  },
  list: { ask: listRequest, read: readList },
  configuration: {
    ask: (room, id) => configurationRequest(room, id),
    read: (result) => {
      const query = configurationOf(result)
      return query && readForm(query)
    },
  },
  configure: {
    ask: (room, id, { form, values }) => {
      const filled = form
        ? submitFormWith(form, values ?? {})
        : values
          ? submitForm(ROOM_CONFIG, values)
          : emptySubmit()
      return configureRequest(room, id, filled)
    },
    read: done,
  },
  // Not by cancelling the form (section 10.1.1): Prosody answers that, and does nothing.
  cancelConfiguration: { ask: (room, id) => destroyRequest(room, id), read: done },
  destroy: { ask: destroyRequest, read: done },
  registration: {
    ask: (room, id) => registrationRequest(room, id),
    read: (result) => {
      const found = registrationOf(result)
      const form = found && (readForm(found.query) ?? { type: 'form', fields: [] })
      if (!found || !form) return undefined
      return { form, registered: found.registered, ...(found.nick !== undefined && { nick: found.nick }) }
    },
  },
  register: {
    ask: (room, id, { form, values }) => registerRequest(room, id, submitFormWith(form, values)),
    read: done,
  },
  reservedNick: {
    ask: (room, id) => reservedNickRequest(room, id),
    read: (result) => readReservedNick(result) ?? null,
  },
}
