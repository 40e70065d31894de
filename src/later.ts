import { xhrUploader } from './adapters/uploader.ts'
import { base64, bytesOf, sha1Hex } from './adapters/web-crypto.ts'
import { Chats } from './broker/chats.ts'
import { DirectedPresence } from './broker/directed-presence.ts'
import type { Later } from './broker/later.ts'
import { OwnArchive } from './broker/own-archive.ts'
import { postStanza } from './broker/room-posts.ts'
import { ROOM_QUESTIONS } from './broker/room-questions.ts'
import { avatars } from './features/avatars.ts'
import { directory } from './features/directory.ts'
import { files } from './features/files.ts'
import { profile } from './features/profile.ts'
import { roomActivity } from './features/room-activity.ts'
import { roster } from './features/roster.ts'

const bytes = { sha1: sha1Hex, toBase64: base64, fromBase64: bytesOf }

/** The parts of the worker that it loads when they are first needed: a file of its own, beside the worker's. */
export const later: Later = {
  newChats: ({ ownJid, pages, ...world }) =>
    new Chats({ ...world, archive: new OwnArchive({ ownJid, pages, store: world.rooms.store }) }),
  // Presence means something to several: the roster is the last to whom it does.
  plugins: [directory, roomActivity, files(xhrUploader()), avatars(bytes), profile, roster],
  questions: ROOM_QUESTIONS,
  postStanza,
  newDirected: (...world) => new DirectedPresence(...world),
}

// Of a browser without IndexedDB; of an account whose server must be found; of who searches, and of an archive that is full.
export { discoverServices } from './adapters/host-meta.ts'
export { memoryStore } from './storage/memory-store.ts'
export { searchMessages } from './storage/search-query.ts'
export { trim } from './storage/trim.ts'
