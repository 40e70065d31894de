import { xhrUploader } from './adapters/uploader.ts'
import type { Plugin } from './contract/plugin.ts'
import { directory } from './features/directory.ts'
import { files } from './features/files.ts'
import { notifications } from './features/notifications.ts'
import { roomActivity } from './features/room-activity.ts'

/** The plug-ins that the SDK itself brings, before those of the application. */
export function withOwn(plugins: readonly Plugin[]): readonly Plugin[] {
  return [directory, roomActivity, notifications, files(xhrUploader()), ...plugins]
}
