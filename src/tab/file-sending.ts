// A file of its own, which a page loads with its first file: what it needs of others it is given (`FileSendingOptions`).
import type { SharedMessage } from '../contract/api.ts'
import type { ErrorCode, Failure, failure, MinimixError } from '../contract/errors.ts'
import type { FileEvents, FileSend, Upload } from '../contract/files.ts'
import type { Message } from '../contract/model.ts'
import type { AccountEvents } from './events.ts'
import type { SendFileOptions } from './uploads.ts'

/** How long a worker that died may take to be followed by one that goes on. */
const GONE_MS = 60_000

/** What the worker tells of files. */
export type ToldOfFiles = {
  readonly [N in keyof FileEvents]: { readonly name: N; readonly detail: FileEvents[N] }
}[keyof FileEvents]

export interface FileSendingOptions {
  /** What is on its way, by id: changed in place. */
  readonly all: Map<string, Upload>
  readonly call: (method: 'send' | 'cancel', args: { readonly id: string }) => Promise<unknown>
  readonly onUpload: (event: AccountEvents['upload']) => void
  readonly messageOf: (shared: SharedMessage) => Message
  readonly errorOf: (error: Failure) => MinimixError
  readonly failure: typeof failure
}

export interface SendingWords {
  /** This tab is where the file is to be said. */
  readonly isIn: boolean
  readonly onProgress: SendFileOptions['onProgress']
  readonly signal: AbortSignal | undefined
}

interface Waiting {
  readonly onProgress: SendFileOptions['onProgress']
  readonly resolve: (message: Message) => void
  readonly fail: (error: MinimixError) => void
  /** The caller has been told that there will be none. */
  over: boolean
}

/** What of files is on its way, and what this tab waits for. */
export class FileSending {
  readonly #options: FileSendingOptions
  readonly #waiting = new Map<string, Waiting>()
  #deadline: ReturnType<typeof setTimeout> | undefined

  constructor(options: FileSendingOptions) {
    this.#options = options
  }

  take(told: ToldOfFiles): void {
    const { all, onUpload, errorOf, messageOf } = this.#options
    if (told.name === 'progress') return this.#progress(told.detail)
    if (told.name === 'all') {
      // How some of them ended this tab may not have been told.
      this.gone()
      for (const upload of told.detail) this.#progress(upload)
      return
    }
    const { upload, message, error: why } = told.detail
    const error = why && errorOf(why)
    all.delete(upload.id)
    if (error) this.#waiting.get(upload.id)?.fail(error)
    else if (message) this.said(messageOf(message))
    this.#waiting.delete(upload.id)
    onUpload({ upload, ...(error ? { state: 'failed', error } : { state: 'sent' }) })
  }

  send(words: Omit<FileSend<Blob>, 'id' | 'mediaType'>, { isIn, onProgress, signal }: SendingWords): Promise<Message> {
    const id = crypto.randomUUID()
    const args: FileSend = { ...words, id, mediaType: words.file.type || 'application/octet-stream' }
    return new Promise((resolve, reject) => {
      const fail = (error: MinimixError): void => {
        waiting.over = true
        reject(error)
      }
      const waiting: Waiting = { onProgress, resolve, fail, over: false }
      const aborted = (): void => {
        fail(this.#errorOf('aborted', 'aborted by the caller'))
        this.#giveUp(id)
      }
      if (!isIn) return fail(this.#errorOf('not-joined', `this tab is not in ${words.room}`))
      if (signal?.aborted) return aborted()
      signal?.addEventListener('abort', aborted)
      this.#waiting.set(id, waiting)
      this.#options.call('send', args).catch(fail)
    })
  }

  cancel(id: string): Promise<boolean> {
    return this.#options.call('cancel', { id }) as Promise<boolean> // what the plug-in answers
  }

  said(message: Message): void {
    this.#waiting.get(message.originId ?? '')?.resolve(message)
  }

  gone(): void {
    this.#options.all.clear()
    if (this.#waiting.size > 0) this.#deadline ??= setTimeout(() => this.end(), GONE_MS)
  }

  end(): void {
    clearTimeout(this.#deadline)
    this.#deadline = undefined
    for (const [id, { fail }] of this.#waiting)
      if (!this.#options.all.has(id)) fail(this.#errorOf('worker-gone', 'nobody goes on with it'))
  }

  #progress(upload: Upload): void {
    const { id } = upload
    const waiting = this.#waiting.get(id)
    this.#options.all.set(id, upload)
    // An earlier worker may not have heard of it.
    if (waiting?.over) this.#giveUp(id)
    waiting?.onProgress?.(upload)
    this.#options.onUpload({ upload, state: 'uploading' })
  }

  #giveUp(id: string): void {
    this.cancel(id).catch(() => undefined)
  }

  #errorOf(code: ErrorCode, why: string): MinimixError {
    const { errorOf, failure } = this.#options
    return errorOf(failure(code, `sendFile: ${why}`))
  }
}
