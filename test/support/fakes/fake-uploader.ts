import { createHash } from 'node:crypto'
import type { Uploader, UploadOutcome, UploadTarget } from '../../../src/broker/ports.ts'

/** An upload that came to the fake. */
export interface FakeUpload {
  readonly target: UploadTarget
  readonly file: Blob
  readonly aborted: boolean
  /** So much of it is out. */
  sent(bytes: number): void
  /** The server answers, or nobody does. */
  end(outcome: UploadOutcome): void
}

export interface FakeUploader extends Uploader {
  readonly uploads: readonly FakeUpload[]
}

/** What a status of HTTP means. */
export const outcomeOf = (status: number): UploadOutcome =>
  status >= 200 && status < 300
    ? { done: true }
    : { done: false, retry: status >= 500, status, text: `the server answers ${status}` }

/** @param answer what comes of an upload at once; `undefined` leaves it to the test */
export function fakeUploader(
  answer: (target: UploadTarget) => UploadOutcome | undefined = () => undefined,
): FakeUploader {
  const uploads: FakeUpload[] = []
  return {
    uploads,
    put: (target, file, { onSent, signal }) =>
      new Promise((resolve) => {
        const end = (outcome: UploadOutcome): void => resolve(outcome)
        const aborted = (): void => end({ done: false, retry: false, text: 'aborted' })
        uploads.push({
          target,
          file,
          get aborted() {
            return signal.aborted
          },
          sent: onSent,
          end,
        })
        if (signal.aborted) return aborted()
        if (!URL.canParse(target.url)) return end({ done: false, retry: false, text: 'no address' })
        signal.addEventListener('abort', aborted)
        const outcome = answer(target)
        if (outcome?.done) onSent(file.size)
        if (outcome) end(outcome)
      }),
    sha256: async (file) =>
      createHash('sha256')
        .update(await file.text())
        .digest('base64'),
  }
}
