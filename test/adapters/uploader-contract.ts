import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Uploader, UploadOutcome } from '../../src/broker/ports.ts'

/** What becomes of what is put there: a status, a redirect, no answer for too long, or nobody is there. */
export type Place = number | 'elsewhere' | 'silent' | 'nobody'

export interface UploaderUnderTest {
  readonly uploader: Uploader
  /** The address of such a place. */
  at(place: Place): string
  /** A file with that text. */
  file(text: string): Blob
  /** What came there. */
  came(): readonly { readonly bytes: string; readonly type: string; readonly authorization: string | undefined }[]
}

/** What every filling of `Uploader` promises. */
export function uploaderContract(name: string, create: () => Promise<UploaderUnderTest>): void {
  const put = ({ uploader, at, file }: UploaderUnderTest, place: Place, signal = new AbortController().signal) => {
    const sent: number[] = []
    const target = { url: at(place), headers: { Authorization: 'Bearer x' }, mediaType: 'text/plain' }
    return uploader.put(target, file('hello'), { onSent: (bytes) => sent.push(bytes), signal }).then((outcome) => {
      for (const bytes of sent) expect(bytes).toBeLessThanOrEqual(5)
      return outcome
    })
  }
  const failed = (retry: boolean, status?: number): UploadOutcome => ({
    done: false,
    retry,
    text: expect.stringMatching(/./),
    ...(status !== undefined && { status }),
  })

  describe(`${name}, as an uploader,`, () => {
    test.each([200, 201, 204])(
      'has put a file where the answer is %d, with its type and what is to be said',
      async (status) => {
        const under = await create()

        expect(await put(under, status)).toEqual({ done: true })
        expect(under.came()).toEqual([{ bytes: 'hello', type: 'text/plain', authorization: 'Bearer x' }])
      },
    )

    test.each([400, 403, 404, 409, 413])('has not where it is %d, and need not try again', async (status) => {
      expect(await put(await create(), status)).toEqual(failed(false, status))
    })

    test.each([500, 502, 503])('has not where it is %d, and may try again', async (status) => {
      expect(await put(await create(), status)).toEqual(failed(true, status))
    })

    test('has not where it is led elsewhere, whatever is said there', async () => {
      expect(await put(await create(), 'elsewhere')).toMatchObject({ done: false, retry: false })
    })

    test('may try again where nobody is there', async () => {
      expect(await put(await create(), 'nobody')).toEqual(failed(true))
    })

    test('may try again where nothing moves', async () => {
      expect(await put(await create(), 'silent')).toEqual(failed(true))
    })

    test('ends when it is given up, before or meanwhile', async () => {
      const ending = new AbortController()
      const under = await create()
      const putting = put(under, 'silent', ending.signal)
      ending.abort()

      expect(await putting).toEqual(failed(false))
      expect(await put(under, 201, ending.signal)).toEqual(failed(false))
    })

    test('puts nothing to what is no address', async () => {
      const { uploader } = await create()
      const target = { url: 'https://[', headers: {}, mediaType: 'text/plain' }
      const on = { onSent: () => undefined, signal: new AbortController().signal }

      expect(await uploader.put(target, new Blob(['x']), on)).toEqual(failed(false))
    })

    test('knows what a file is by its bytes', async () => {
      const { uploader } = await create()

      expect(await uploader.sha256(new Blob(['hello']))).toBe(createHash('sha256').update('hello').digest('base64'))
    })
  })
}
