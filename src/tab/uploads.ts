import { failure, MinimixError } from '../contract/errors.ts'
import { FILES, type FilePlace, type Upload } from '../contract/files.ts'
import type { Message } from '../contract/model.ts'
import { mustBe, optional, optionalSignal, text } from './check.ts'
import type { AccountEvents } from './events.ts'
import type { FileSending, ToldOfFiles } from './file-sending.ts'
import { given } from './given.ts'
import { late } from './late.ts'
import type { PluginEars } from './plugin-handle.ts'
import type { Call } from './remote.ts'
import { toMessage } from './room-view.ts'

export interface SendFileOptions {
  /** What is said before the file's address. */
  readonly body?: string
  /** Shown to others; that of the `File` if left out. */
  readonly name?: string
  /** Of a picture or film, in pixels. */
  readonly width?: number
  readonly height?: number
  readonly onProgress?: (upload: Upload) => void
  /** Gives it up: the promise rejects with `aborted`. */
  readonly signal?: AbortSignal
}

const TYPES = [
  ['body', 'string'],
  ['width', 'number'],
  ['height', 'number'],
  ['onProgress', 'function'],
] as const

/** What waits for the part that knows what to make of it. */
const MOST_EARLY = 100

/**
 * What is on its way, whichever tab sent it. What a tab makes of files is loaded when there is a first one, and is given
 * what it shares with the page: it imports nothing.
 */
export class Uploads {
  readonly all = new Map<string, Upload>()
  readonly #part: () => Promise<FileSending>
  #sending: FileSending | undefined
  #early: readonly ToldOfFiles[] = []

  constructor(tab: string, call: Call, ears: PluginEars, onUpload: (event: AccountEvents['upload']) => void) {
    this.#part = async () => {
      const { FileSending } = await late('file-sending.js', import('./file-sending.ts'))
      if (this.#sending) return this.#sending
      this.#sending = new FileSending({
        all: this.all,
        call: (method, args) => call('plugin', { plugin: FILES, method, args }),
        onUpload,
        messageOf: (shared) => toMessage(shared, false, tab),
        errorOf: (error) => new MinimixError(error),
        failure,
      })
      for (const told of this.#early) this.#sending.take(told)
      this.#early = []
      return this.#sending
    }
    // Its worker is of the same contract.
    for (const name of ['all', 'progress', 'ended'] as const)
      ears.on(FILES, name, (detail) => this.#take({ name, detail } as ToldOfFiles))
  }

  send(place: FilePlace, isIn: boolean, file: Blob, options: SendFileOptions): Promise<Message> {
    mustBe(file instanceof Blob, 'sendFile(file) must be a File or Blob')
    const { body, width, height, onProgress, signal, name = (file as Partial<File>).name || 'file' } = options
    for (const [each, type] of TYPES) optional(options[each], type, `sendFile(…, { ${each} })`)
    optionalSignal(signal, 'sendFile(…, { signal })')
    text(name, 'sendFile(…, { name })')
    const args = given({ ...place, file, name, body: body || undefined, width, height })
    return this.#part().then((sending) => sending.send(args, { isIn, onProgress, signal }))
  }

  /** @returns false where its message is on its way already, or nothing is known of it */
  cancel(id: string): Promise<boolean> {
    return this.#part().then((sending) => sending.cancel(id))
  }

  /** A message has been said: by whom is not asked here. */
  said(message: Message): void {
    this.#sending?.said(message)
  }

  /** There is no worker now: the next one shows what it goes on with. */
  gone(): void {
    this.#early = []
    this.#sending?.gone()
  }

  /** Nobody will: what is not on its way, and was not said, has failed. */
  end(): void {
    this.#sending?.end()
  }

  #take(told: ToldOfFiles): void {
    if (this.#sending) return this.#sending.take(told)
    // Every tab is told what is on its way; mostly that is nothing.
    if (told.name === 'all' && told.detail.length === 0) return
    this.#early = [...this.#early.slice(1 - MOST_EARLY), told]
    this.#part().catch(() => undefined) // the next event, or the next call, tries again
  }
}
