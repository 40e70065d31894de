import { createServer } from 'node:net'

const PREFERRED = 5173
const TRIES = 50

/**
 * A free port of this machine for a page: the wanted one, else 5173 or one of those behind it.
 *
 * @throws Error when the wanted one is taken, or all of them are
 */
export async function takePort(wanted: number | undefined): Promise<number> {
  if (wanted !== undefined) {
    if (await isFree(wanted)) return wanted
    throw new Error(`Port ${wanted} is taken by another program. Leave --port out, and a free one is found.`)
  }
  for (let port = PREFERRED; port < PREFERRED + TRIES; port++) if (await isFree(port)) return port
  throw new Error(`No free port between ${PREFERRED} and ${PREFERRED + TRIES - 1}. Name one: --port 8080`)
}

/** `localhost` may mean either address: a stranger on one of them would be taken for the demo. */
async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '::1'))
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    // A machine without IPv6 has nobody on it either.
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE' && host === '::1'))
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
}
