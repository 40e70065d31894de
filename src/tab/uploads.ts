import { type ErrorCode, failure, MinimixError } from '../contract/errors.ts'
import { FILES, type FileEvents, type FilePlace, type FileSend, type Upload } from '../contract/files.ts'
import type { Message } from '../contract/model.ts'
import { mustBe, optional, text } from './check.ts'
import type { AccountEvents } from './events.ts'
import { given } from './given.ts'
import { type PluginEars, pluginHandle } from './plugin-handle.ts'
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

/** How long a worker that died may take to be followed by one that goes on. */
const GONE_MS = 60_000

const TYPES = [
  ['body', 'string'],
  ['width', 'number'],
  ['height', 'number'],
  ['onProgress', 'function'],
] as const

interface Waiting {
  readonly onProgress: SendFileOptions['onProgress']
  readonly resolve: (message: Message) => void
  readonly fail: (error: MinimixError) => void
  /** The caller has been told that there will be none. */
  over: boolean
}

/** What is on its way, whichever tab sent it, and what this tab waits for. */
export class Uploads {
  readonly all = new Map<string, Upload>()
  readonly #waiting = new Map<string, Waiting>()
  readonly #call: (name: 'send' | 'cancel', args: { readonly id: string }) => Promise<unknown>
  #deadline: ReturnType<typeof setTimeout> | undefined

  constructor(tab: string, call: Call, ears: PluginEars, onUpload: (event: AccountEvents['upload']) => void) {
    const worker = pluginHandle(FILES, call, ears)
    this.#call = (name, args) => worker.call(name, args)
    const told = <N extends keyof FileEvents>(name: N, take: (detail: FileEvents[N]) => void): void =>
      void worker.on(name, (detail) => take(detail as FileEvents[N])) // its worker is of the same contract
    const take = (upload: Upload): void => {
      const { id } = upload
      const waiting = this.#waiting.get(id)
      this.all.set(id, upload)
      // An earlier worker may not have heard of it.
      if (waiting?.over) this.#giveUp(id)
      waiting?.onProgress?.(upload)
      onUpload({ upload, state: 'uploading' })
    }
    told('all', (all) => {
      // How some of them ended this tab may not have been told.
      this.gone()
      all.forEach(take)
    })
    told('progress', take)
    told('ended', ({ upload, message, error: why }) => {
      const error = why && new MinimixError(why)
      this.all.delete(upload.id)
      if (error) this.#waiting.get(upload.id)?.fail(error)
      else if (message) this.said(toMessage(message, false, tab))
      this.#waiting.delete(upload.id)
      onUpload({ upload, ...(error ? { state: 'failed', error } : { state: 'sent' }) })
    })
  }

  send(place: FilePlace, isIn: boolean, file: Blob, options: SendFileOptions): Promise<Message> {
    mustBe(file instanceof Blob, 'sendFile(file) must be a File or Blob')
    const { body, width, height, onProgress, signal, name = (file as Partial<File>).name || 'file' } = options
    for (const [each, type] of TYPES) optional(options[each], type, `sendFile(…, { ${each} })`)
    mustBe(signal === undefined || signal instanceof AbortSignal, 'sendFile(…, { signal }) must be an AbortSignal')
    text(name, 'sendFile(…, { name })')
    const id = crypto.randomUUID()
    const mediaType = file.type || 'application/octet-stream'
    const args: FileSend = given({ ...place, id, file, name, mediaType, body: body || undefined, width, height })
    return new Promise((resolve, reject) => {
      const fail = (error: MinimixError): void => {
        waiting.over = true
        reject(error)
      }
      const waiting: Waiting = { onProgress, resolve, fail, over: false }
      const aborted = (): void => {
        fail(errorOf('aborted', 'aborted by the caller'))
        this.#giveUp(id)
      }
      if (!isIn) return fail(errorOf('not-joined', `this tab is not in ${place.room}`))
      if (signal?.aborted) return aborted()
      signal?.addEventListener('abort', aborted)
      this.#waiting.set(id, waiting)
      this.#call('send', args).catch(fail)
    })
  }

  /** @returns false where its message is on its way already, or nothing is known of it */
  cancel(id: string): Promise<boolean> {
    return this.#call('cancel', { id }) as Promise<boolean> // what the plug-in answers
  }

  #giveUp(id: string): void {
    this.cancel(id).catch(() => undefined)
  }

  /** A message has been said: by whom is not asked here. */
  said(message: Message): void {
    this.#waiting.get(message.originId ?? '')?.resolve(message)
  }

  /** There is no worker now: the next one shows what it goes on with. */
  gone(): void {
    this.all.clear()
    if (this.#waiting.size > 0) this.#deadline ??= setTimeout(() => this.end(), GONE_MS)
  }

  /** Nobody will: what is not on its way, and was not said, has failed. */
  end(): void {
    clearTimeout(this.#deadline)
    this.#deadline = undefined
    for (const [id, { fail }] of this.#waiting)
      if (!this.all.has(id)) fail(errorOf('worker-gone', 'nobody goes on with it'))
  }
}

const errorOf = (code: ErrorCode, why: string): MinimixError => new MinimixError(failure(code, `sendFile: ${why}`))
