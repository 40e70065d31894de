// What a tab can ask of a room that changes nothing in the worker: one request to the room, one answer to the tab.
import type { VoiceRequest } from '../protocol/voice-request.ts'
import type { Form, FormValues } from '../protocol/xep-0004-forms.ts'
import type { ListedPerson } from '../protocol/xep-0045-admin.ts'
import type { Affiliation, Role } from '../protocol/xep-0045-muc.ts'

export type { VoiceRequest } from '../protocol/voice-request.ts'
export type { Form, FormField, FormValues } from '../protocol/xep-0004-forms.ts'
export type { ListedPerson } from '../protocol/xep-0045-admin.ts'

export interface Registration {
  readonly form: Form
  readonly registered: boolean
  readonly nick?: string
}

/** By the name of the question: what it needs, and what comes back. */
export interface RoomQuestions {
  setRole: { args: { readonly nick: string; readonly role: Role; readonly reason?: string }; value: null }
  setAffiliation: {
    args: { readonly jid: string; readonly affiliation: Affiliation; readonly reason?: string }
    value: null
  }
  list: { args: { readonly affiliation: Affiliation } | { readonly role: Role }; value: readonly ListedPerson[] }
  configuration: { args: null; value: Form }
  /** Without a form and values the room takes its defaults. */
  configure: { args: { readonly form?: Form; readonly values?: FormValues }; value: null }
  cancelConfiguration: { args: null; value: null }
  destroy: { args: { readonly reason?: string; readonly alternate?: string; readonly password?: string }; value: null }
  registration: { args: null; value: Registration }
  register: { args: { readonly form: Form; readonly values: FormValues }; value: null }
  reservedNick: { args: null; value: string | null }
}

export type RoomQuestionName = keyof RoomQuestions

/** What a tab can say to a room that has no answer but a refusal. */
export type RoomPost =
  | { readonly post: 'invite'; readonly jid: string; readonly reason?: string }
  | { readonly post: 'request-voice' }
  | { readonly post: 'answer-voice'; readonly request: VoiceRequest; readonly allow: boolean }
