// Files that are on their way: what a tab asks of the worker, and what it is told. See features/files.ts.
import type { SharedMessage } from './api.ts'
import type { Failure } from './errors.ts'

/** The name of the part of the worker. */
export const FILES = 'minimix:files'

/** A file on its way to where others can get it. */
export interface Upload {
  /** Also the origin id of the message that will be about it. */
  readonly id: string
  /** Bare JID of the room, or of the person, that gets it. */
  readonly room: string
  readonly name: string
  readonly mediaType: string
  /** Bytes: all, and those that are out. */
  readonly size: number
  readonly sent: number
}

/** Where a file is to be said. */
export interface FilePlace {
  readonly room: string
  /** That is a person's address; a tab of an earlier version does not say. */
  readonly chat?: boolean
}

/** What is asked of the worker; the file itself is a `Blob`, of which only browsers know. */
export interface FileSend<F = unknown> extends FilePlace {
  readonly id: string
  readonly file: F
  readonly name: string
  readonly mediaType: string
  /** Said before the address. */
  readonly body?: string
  /** Pixels. */
  readonly width?: number
  readonly height?: number
}

/** What tabs are told, by the names of the events. */
export type FileEvents = {
  /** All that are on their way: to a tab that comes. */
  all: readonly Upload[]
  progress: Upload
  /** The message is as `send()` gives it, or there will be none. */
  ended: { readonly upload: Upload; readonly message?: SharedMessage; readonly error?: Failure }
}
