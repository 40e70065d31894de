import { anyJid } from './check.ts'
import type { Call } from './remote.ts'

/** Whom the account does not want to hear, on no device (XEP-0191): a person, a device of theirs, or a whole domain. */
export interface BlockingCalls {
  /** @throws MinimixError rejects with `offline` where the server has not said yet, `stanza-error` where it cannot */
  list(): Promise<readonly string[]>
  block(jid: string): Promise<void>
  unblock(jid: string): Promise<void>
}

export function blockingCalls(call: Call): BlockingCalls {
  const set = (blocked: boolean) => (jid: string) =>
    call('setBlocked', { jid: anyJid(jid, 'blocking'), blocked }).then(() => undefined)
  return { list: () => call('blocked', null), block: set(true), unblock: set(false) }
}
