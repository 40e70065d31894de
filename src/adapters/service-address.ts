/** The machine that the browser runs on: nobody listens in between. */
export function isLoopback(service: string): boolean {
  const { hostname } = new URL(service)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}

/** Why no connection to this address is begun; `undefined` where one may be. */
export function addressRefusal(service: string): string | undefined {
  if (!URL.canParse(service)) return 'this is no address'
  const { protocol } = new URL(service)
  if (protocol === 'wss:' || (protocol === 'ws:' && isLoopback(service))) return undefined
  return protocol === 'ws:' ? 'ws: is for this machine only, any other is reached by wss:' : `${protocol} is not wss:`
}

/** Whether a server may send us from one of its addresses to another: nothing that protects us may be less there. */
export function mayLeadTo(from: string, to: string): boolean {
  if (addressRefusal(to) !== undefined) return false
  return new URL(to).protocol === new URL(from).protocol && isLoopback(to) === isLoopback(from)
}
