import { DOMAIN, ROOM as FULL_ROOM, MUC_DOMAIN } from '../memory/orchard.ts'

/** What the page is told where there is no server: anybody may sign in, and nothing is asked of the network. */
export const MEMORY_CONFIG = {
  memory: true,
  accounts: [{ jid: `juliet@${DOMAIN}`, password: 'demo' }],
  service: '',
  mucDomain: MUC_DOMAIN,
  room: FULL_ROOM,
}
