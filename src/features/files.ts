import type { Uploader } from '../broker/ports.ts'
import type { SharedMessage } from '../contract/api.ts'
import { type Failure, failure, MinimixError } from '../contract/errors.ts'
import { FILES, type FileEvents, type FileSend, type Upload } from '../contract/files.ts'
import type { Plugin, PluginParts, PluginWorker } from '../contract/plugin.ts'
import { sharedFileEls } from '../protocol/xep-0447-file-sharing.ts'
import { UploadService } from './upload-service.ts'

/** What is kept of an upload until its message is written down. Once the file is where it is to go, only where that is. */
interface Job extends Omit<FileSend<Blob>, 'file'> {
  readonly tab: string
  readonly size: number
  readonly sinceMs: number
  readonly file?: Blob
  /** What it holds, in place of the file itself: WebKit stores none in a private window, and does not say so. */
  readonly bytes?: ArrayBuffer
  readonly sha256?: string
  readonly url?: string
}

interface Running {
  readonly job: Job
  sent: number
  /** When its tabs were last told how far it is. */
  toldMs: number
  /** Its message is on its way. */
  said: boolean
  readonly ending: AbortController
  readonly stored: Promise<void>
  done: Promise<void>
}

type FileCalls = {
  send: (args: FileSend<Blob>, tab: string) => Promise<void>
  cancel: (args: { readonly id: string }) => boolean
}

const TRIES = 4
/** Until the next try; doubled with each. */
const AGAIN_MS = 2_000
/** How long a connection is waited for, and the room, where a tab waits for the message. */
const AWAY_MS = 300_000
const OUT_MS = 60_000
const FOR_EVER = Number.POSITIVE_INFINITY
/** Bytes: a bigger file ends with its worker. */
const MOST_KEPT = 64 * 1024 * 1024
/** What waits for so long is not said any more. */
const OLD_MS = 86_400_000
/** Between two words of how far it is. */
const TELL_MS = 150

/**
 * Files that tabs send: uploaded by the worker, told to all tabs, and then said to the room or the person they are for.
 * They outlive the tab that began them, and the worker where they are not too big for its store: the next one begins the
 * upload anew.
 */
export function files(uploader: Uploader): Plugin<FileCalls, FileEvents> {
  return { name: FILES, start: (worker) => new Files(worker, uploader).parts }
}

class Files {
  readonly #worker: PluginWorker<FileEvents>
  readonly #uploader: Uploader
  readonly #service: UploadService
  readonly #running = new Map<string, Running>()
  /** What waits for a connection, or for a room. */
  readonly #waiting = new Set<() => void>()
  #wakes = 0
  readonly #tabs = new Set<string>()
  /** What the worker before had not ended runs again. */
  readonly #ready: Promise<void>

  constructor(worker: PluginWorker<FileEvents>, uploader: Uploader) {
    this.#worker = worker
    this.#uploader = uploader
    this.#service = new UploadService(worker)
    this.#ready = worker.kept.all().then(
      (all) => {
        // Whatever is kept under our name is ours.
        for (const job of [...(all.values() as Iterable<Job>)].sort((a, b) => a.sinceMs - b.sinceMs))
          if (worker.nowMs() - job.sinceMs < OLD_MS) this.#begin(withFile(job), Promise.resolve())
          else void worker.kept.set(job.id, undefined)
      },
      (error: unknown) => worker.log('error', `what was on its way cannot be read (${String(error)})`),
    )
  }

  get parts(): PluginParts<FileCalls> {
    const wake = (): void => {
      this.#wakes += 1
      for (const goOn of this.#waiting) goOn()
      this.#waiting.clear()
    }
    return {
      calls: { send: (args, tab) => this.#send(args, tab), cancel: ({ id }) => this.#cancel(id) },
      online: wake,
      entered: wake,
      attached: (tab) => {
        this.#tabs.add(tab)
        void this.#ready.then(() => this.#worker.tell('all', [...this.#running.values()].map(uploadOf), tab))
      },
      gone: (tab) => void this.#tabs.delete(tab),
      end: () => {
        for (const { ending } of this.#running.values()) ending.abort(OVER)
      },
    }
  }

  async #send({ file, ...words }: FileSend<Blob>, tab: string): Promise<void> {
    await this.#ready
    if (this.#running.has(words.id)) return
    const job: Job = { ...words, tab, file, size: file.size, sinceMs: this.#worker.nowMs() }
    const stored = this.#keepFile(job, file)
    this.#begin(job, stored)
    await stored
  }

  #cancel(id: string): boolean {
    const running = this.#running.get(id)
    if (!running || running.said) return false
    running.ending.abort(new MinimixError(failure('aborted', `upload of ${running.job.name}: given up`)))
    return true
  }

  async #keepFile({ file: _file, ...job }: Job, file: Blob): Promise<void> {
    if (file.size > MOST_KEPT) return
    const bytes = await file.arrayBuffer().catch(() => undefined) // it is gone since it was chosen: the upload will say so
    if (bytes) await this.#keep({ ...job, bytes })
  }

  /** What cannot be kept goes on all the same, as long as this worker does. */
  async #keep(job: Job): Promise<void> {
    try {
      await this.#worker.kept.set(job.id, job)
    } catch (error) {
      this.#worker.log('warn', `${job.id} is not kept (${String(error)})`)
    }
  }

  #begin(job: Job, stored: Promise<void>): void {
    const before = [...this.#running.values()].findLast((each) => each.job.room === job.room)
    const running: Running = {
      job,
      sent: job.url === undefined ? 0 : job.size,
      toldMs: 0,
      said: false,
      ending: new AbortController(),
      stored,
      done: Promise.resolve(),
    }
    this.#running.set(job.id, running)
    this.#worker.tell('progress', uploadOf(running))
    running.done = this.#run(running, before?.done)
  }

  /** Never rejects. */
  async #run(running: Running, before: Promise<void> | undefined): Promise<void> {
    const { ending } = running
    let end: { readonly message: SharedMessage } | { readonly error: Failure }
    try {
      const job = await this.#uploaded(running)
      // Files are said in the order in which they were sent.
      await Promise.race([before, whenAborted(ending.signal)])
      end = { message: await this.#said(job, running) }
    } catch (error) {
      // The next worker does it anew.
      if (error === OVER) return
      end = { error: failureOf(error) }
      await running.stored
      await this.#worker.kept.set(running.job.id, undefined).catch(() => undefined) // it is closed
    }
    this.#running.delete(running.job.id)
    this.#worker.tell('ended', { upload: uploadOf(running), ...end })
  }

  async #uploaded(running: Running): Promise<Job> {
    const { file, ...job } = running.job
    if (job.url !== undefined || !file) return job
    const { signal } = running.ending
    const sha256 = await this.#uploader.sha256(file)
    for (let tries = 1; ; tries++) {
      while (!this.#worker.online) await this.#woken(this.#msFor(job, AWAY_MS), signal, 'offline')
      const outcome = await this.#try(running, file)
      signal.throwIfAborted()
      if ('url' in outcome) {
        const there: Job = { ...job, url: outcome.url, ...(sha256 !== undefined && { sha256 }) }
        await running.stored
        await this.#keep(there)
        return there
      }
      if (!outcome.error.retry || tries === TRIES) throw outcome.error
      this.#worker.log('info', `${outcome.error.message}; once more`)
      await this.#pause(AGAIN_MS * 2 ** (tries - 1), signal)
    }
  }

  async #try(running: Running, file: Blob): Promise<{ readonly url: string } | { readonly error: MinimixError }> {
    const { job, ending } = running
    const { name, size, mediaType } = job
    try {
      const { put, get, headers } = await this.#service.slotFor({ name, size, mediaType })
      ending.signal.throwIfAborted()
      const onSent = (bytes: number): void => this.#tellProgress(running, bytes)
      const target = { url: put, headers, mediaType }
      const outcome = await this.#uploader.put(target, file, { onSent, signal: ending.signal })
      if (outcome.done) return { url: get }
      const { retry, status, text } = outcome
      const code = retry ? 'service-unreachable' : (CODES.get(status ?? 0) ?? 'stanza-error')
      return { error: new MinimixError(failure(code, `upload of ${size} bytes: ${text}`, { text })) }
    } catch (error) {
      if (error instanceof MinimixError) return { error }
      throw error
    }
  }

  #tellProgress(running: Running, bytes: number): void {
    running.sent = Math.min(bytes, running.job.size)
    const nowMs = this.#worker.nowMs()
    if (nowMs - running.toldMs < TELL_MS && running.sent < running.job.size) return
    running.toldMs = nowMs
    this.#worker.tell('progress', uploadOf(running))
  }

  /** The room may not be there at the moment: then the message waits for it. */
  async #said(job: Job, running: Running): Promise<SharedMessage> {
    const { id, room, chat = false, tab, body, url = '' } = job
    const words = {
      id,
      tab,
      chat,
      body: body === undefined ? url : `${body}\n${url}`,
      more: sharedFileEls({ ...job, url }),
      forget: id,
    }
    const { signal } = running.ending
    for (;;) {
      signal.throwIfAborted()
      const wakes = this.#wakes
      running.said = true
      try {
        return await this.#worker.say(room, words)
      } catch (error) {
        if (!(error instanceof MinimixError) || error.code !== 'not-joined') throw error
        running.said = false
        if (wakes === this.#wakes) await this.#woken(this.#msFor(job, OUT_MS), signal, 'not-joined')
      }
    }
  }

  /** Where nobody waits there is time. */
  #msFor({ tab }: Job, ms: number): number {
    return this.#tabs.has(tab) ? ms : FOR_EVER
  }

  /** Until there is a connection, or a room. @throws what the signal says, and `code` after so many milliseconds */
  #woken(ms: number, signal: AbortSignal, code: 'offline' | 'not-joined'): Promise<void> {
    let takeBack: (() => void) | undefined
    const late = new Promise<never>((_, reject) => {
      const text = `upload: ${code} for ${ms} ms`
      takeBack =
        ms === FOR_EVER ? undefined : this.#worker.after(ms, () => reject(new MinimixError(failure(code, text))))
    })
    const woken = new Promise<void>((resolve) => void this.#waiting.add(resolve))
    return Promise.race([woken, late, whenAborted(signal)]).finally(() => takeBack?.())
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    const passed = new Promise<void>((resolve) => void this.#worker.after(ms, resolve))
    return Promise.race([passed, whenAborted(signal)])
  }
}

/** The account is another worker's by now. */
const OVER = Symbol('over')

const CODES: ReadonlyMap<number, 'forbidden' | 'not-acceptable'> = new Map([
  [401, 'forbidden'],
  [403, 'forbidden'],
  [413, 'not-acceptable'],
])

/** As it was kept. */
function withFile({ bytes, ...job }: Job): Job {
  return bytes ? { ...job, file: new Blob([bytes]) } : job
}

const uploadOf = ({ job, sent }: Running): Upload => {
  const { id, room, name, mediaType, size } = job
  return { id, room, name, mediaType, size, sent }
}

/** Only ever rejects. */
function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason))
  })
}

function failureOf(error: unknown): Failure {
  if (error instanceof MinimixError) return { ...error, message: error.message }
  return failure('worker-error', `upload: ${String(error)}`)
}
