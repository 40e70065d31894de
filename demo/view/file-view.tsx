import type { SharedFile } from 'minimix-web'
import { bytesInWords } from '../state/figures.ts'
import { isOfOwnServer, isPicture, nameOf } from '../state/files.ts'
import { useChat } from './context.ts'
import { FileIcon } from './icons.tsx'

const WIDEST = 320
const HIGHEST = 240

/** A file that somebody shares: a picture small, anything else as a card. Choosing it opens it elsewhere. */
export function FileView({ file }: { readonly file: SharedFile }) {
  const { account } = useChat()
  const { url, size, mediaType } = file
  const name = nameOf(file)
  const small = isPicture(file) && isOfOwnServer(file, account.jid)
  return (
    <a class={small ? 'picture' : 'file'} href={url} target="_blank" rel="noopener noreferrer" title={name}>
      {small ? (
        <img src={url} alt={name} loading="lazy" referrerpolicy="no-referrer" {...fitted(file)} />
      ) : (
        <>
          <FileIcon />
          <span>
            <b dir="auto">{name}</b>
            <small>
              {[size === undefined ? undefined : bytesInWords(size), mediaType].filter(Boolean).join(' · ')}
            </small>
          </span>
        </>
      )}
    </a>
  )
}

/** Its place, as far as its sender has said how large it is. */
function fitted({ width, height }: SharedFile): { readonly width?: number; readonly height?: number } {
  if (!width || !height) return {}
  const scale = Math.min(1, WIDEST / width, HIGHEST / height)
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}
