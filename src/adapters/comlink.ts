import { expose, wrap } from 'comlink'
import type { BrokerApi } from '../contract/api.ts'
import type { Port } from '../contract/port.ts'

/** Offers the worker's side of the call port. Comlink shows a method only where it is the object's own. */
export function exposeApi(api: BrokerApi, port: Port): void {
  expose({ call: api.call }, port)
}

/** The call port as the tab uses it. A call to a dead worker never settles: only `tab/remote.ts` may call it. */
export function wrapApi(port: Port): BrokerApi {
  // Comlink's mapped type loses the link between a call's name and its arguments; the shape is that of `exposeApi`.
  return wrap<BrokerApi>(port) as unknown as BrokerApi
}
