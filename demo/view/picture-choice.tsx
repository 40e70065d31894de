import { useRef } from 'preact/hooks'
import { usualNick } from '../state/address.ts'
import { inWords } from '../state/words.ts'
import { Avatar } from './avatar.tsx'
import { useApp, useChat } from './context.ts'

/** The picture of the account, in all tabs and on all devices. */
export function PictureChoice() {
  const { account, pictures } = useChat()
  const { toasts } = useApp()
  const input = useRef<HTMLInputElement>(null)
  const attempt = async (done: Promise<void>): Promise<void> => {
    try {
      await done
    } catch (error) {
      toasts.show(error instanceof DOMException ? 'That is no picture that this browser can read.' : inWords(error))
    }
  }
  const onChange = (): void => {
    const [file] = input.current?.files ?? []
    if (file) void attempt(pictures.set(file))
    if (input.current) input.current.value = ''
  }
  return (
    <div class="picture-choice">
      <Avatar nick={usualNick(account.jid)} owner={{ jid: account.jid }} />
      <input ref={input} type="file" accept="image/*" hidden aria-label="Your picture" onChange={onChange} />
      <button type="button" onClick={() => input.current?.click()}>
        Choose a picture
      </button>
      <button type="button" onClick={() => attempt(pictures.remove())}>
        Remove it
      </button>
    </div>
  )
}
