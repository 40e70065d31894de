import type { Uploader, UploadOutcome } from '../broker/ports.ts'
import { sha256OfBytes } from './web-crypto.ts'

/** Without a sign of life from the server or the network. */
const SILENCE_MS = 60_000
/** WebCrypto wants all of it in memory. */
const MOST_HASHED = 128 * 1024 * 1024

/**
 * Uploads by `XMLHttpRequest`: `fetch` cannot tell how much of a file is out. It cannot be kept from following a redirect,
 * either: then the file is somewhere, and nobody is told where.
 */
export function xhrUploader(silenceMs = SILENCE_MS): Uploader {
  return {
    put: ({ url, headers, mediaType }, file, { onSent, signal }) =>
      new Promise((resolve) => {
        const xhr = new XMLHttpRequest()
        let why = 'no connection, or the server does not take files from this origin (CORS)'
        const stop = (text: string): void => {
          why = text
          xhr.abort()
        }
        const silent = (): void => stop(`nothing moved for ${silenceMs} ms`)
        let deadline = setTimeout(silent, silenceMs)
        const moved = (): void => {
          clearTimeout(deadline)
          deadline = setTimeout(silent, silenceMs)
        }
        const aborted = (): void => stop('aborted')
        xhr.upload.onprogress = ({ loaded }) => {
          moved()
          onSent(loaded)
        }
        xhr.onreadystatechange = moved
        xhr.onloadend = () => {
          clearTimeout(deadline)
          signal.removeEventListener('abort', aborted)
          resolve(outcomeOf(xhr, url, why))
        }
        signal.addEventListener('abort', aborted)
        try {
          xhr.open('PUT', url)
          xhr.setRequestHeader('content-type', mediaType)
          for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value)
          xhr.send(file)
          if (signal.aborted) aborted()
        } catch (error) {
          // A header or address that no request can have.
          clearTimeout(deadline)
          resolve({ done: false, retry: false, text: String(error) })
        }
      }),
    async sha256(file) {
      if (file.size > MOST_HASHED) return undefined
      try {
        return await sha256OfBytes(await file.arrayBuffer())
      } catch {
        return undefined // it was changed or moved since the person chose it: the upload will say so
      }
    },
  }
}

function outcomeOf({ status, responseURL }: XMLHttpRequest, url: string, why: string): UploadOutcome {
  if (status === 0) return { done: false, retry: why !== 'aborted', text: why }
  const [asked = ''] = url.split('#')
  if (responseURL !== new URL(asked).href)
    return { done: false, retry: false, text: 'the server leads elsewhere', status }
  if (status >= 200 && status < 300) return { done: true }
  const retry = status >= 500 || status === 408 || status === 429
  return { done: false, retry, text: `the server answers ${status}`, status }
}
