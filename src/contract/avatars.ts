// Pictures of people and rooms, as they cross between worker and tabs.

/** Whose picture: at least one of the two is there. */
export interface AvatarAsk {
  /** A bare JID, or that of an occupant. */
  readonly jid?: string
  /** SHA-1 of the image, hexadecimal; left out where the worker is to find out. */
  readonly hash?: string
}

export interface AvatarImage {
  readonly hash: string
  /** `image/png`, `image/jpeg`, `image/gif` or `image/webp`, which it really is. */
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What tabs ask of the avatars in the worker. */
export type AvatarWorkerCalls = {
  image: (ask: AvatarAsk) => Promise<AvatarImage | null>
  set: (bytes: Uint8Array<ArrayBuffer>) => Promise<string>
  remove: () => Promise<void>
}

export type AvatarWorkerEvents = {
  /** By bare JID, when a tab comes. */
  hashes: ReadonlyMap<string, string>
  /** A contact, a room or the account itself has another one, or none any more. */
  changed: { readonly jid: string; readonly hash?: string }
}

export const AVATARS = 'minimix:avatars'
