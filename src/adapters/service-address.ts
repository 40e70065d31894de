/** The machine that the browser runs on: nobody listens in between. */
export function isLoopback(service: string): boolean {
  const { hostname } = new URL(service)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}

/** Whether a connection to this address may be begun. */
export function mayConnectTo(service: string): boolean {
  if (!URL.canParse(service)) return false
  const { protocol } = new URL(service)
  return protocol === 'wss:' || (protocol === 'ws:' && isLoopback(service))
}

/** Why no connection to this address is begun; `undefined` where one may be. */
export function addressRefusal(service: string): string | undefined {
  if (mayConnectTo(service)) return undefined
  if (!URL.canParse(service)) return 'this is no address'
  const { protocol } = new URL(service)
  return protocol === 'ws:' ? 'ws: is for this machine only, any other is reached by wss:' : `${protocol} is not wss:`
}

/** Whether a server may send us from one of its addresses to another: nothing that protects us may be less there. */
export function mayLeadTo(from: string, to: string): boolean {
  if (!mayConnectTo(to)) return false
  return new URL(to).protocol === new URL(from).protocol && isLoopback(to) === isLoopback(from)
}
