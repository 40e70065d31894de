import { xhrUploader } from './adapters/uploader.ts'
import { base64, bytesOf, sha1Hex } from './adapters/web-crypto.ts'
import type { Plugin } from './contract/plugin.ts'
import { avatars } from './features/avatars.ts'
import { directory } from './features/directory.ts'
import { files } from './features/files.ts'
import { notifications } from './features/notifications.ts'
import { profile } from './features/profile.ts'
import { roomActivity } from './features/room-activity.ts'
import { roster } from './features/roster.ts'

/** The plug-ins that the SDK itself brings, before those of the application. */
export function withOwn(plugins: readonly Plugin[]): readonly Plugin[] {
  const bytes = { sha1: sha1Hex, toBase64: base64, fromBase64: bytesOf }
  // Presence means something to several: the roster is the last to whom it does.
  const people = [avatars(bytes), profile, roster]
  return [directory, roomActivity, notifications, files(xhrUploader()), ...people, ...plugins]
}
