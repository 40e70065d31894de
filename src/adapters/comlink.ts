import { expose } from 'comlink'
import type { BrokerApi } from '../contract/api.ts'
import type { Port } from '../contract/port.ts'

/** Offers the worker's side of the call port. Comlink shows a method only where it is the object's own. */
export function exposeApi(api: BrokerApi, port: Port): void {
  expose({ call: api.call }, port)
}
