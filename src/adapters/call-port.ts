// The tab's end of the call port: the worker's is Comlink (`comlink.ts`), and this says of its words the few that one
// method needs. With Comlink's own end, which makes proxies of whatever there is, a page would load a twentieth more.
import type { BrokerApi } from '../contract/api.ts'
import type { Port } from '../contract/port.ts'

/** What Comlink answers: what the method returned, or by a handler of its own what it threw. */
interface Answer {
  readonly id: number
  readonly type: 'RAW' | 'HANDLER'
  readonly value: { readonly isError: boolean; readonly value: { readonly message: string } }
}

/** The call port as the tab uses it. A call to a dead worker never settles: only `tab/remote.ts` may call it. */
export function callPort(port: Port): BrokerApi {
  const waiting = new Map<number, (answer: Answer) => void>()
  let calls = 0
  port.onmessage = ({ data }: MessageEvent<Answer>) => {
    waiting.get(data.id)?.(data)
    waiting.delete(data.id)
  }
  return {
    call: (...args) =>
      new Promise((resolve, reject) => {
        const id = ++calls
        const argumentList = args.map((value) => ({ type: 'RAW', value }))
        port.postMessage({ id, type: 'APPLY', path: ['call'], argumentList })
        waiting.set(id, ({ type, value }) => {
          // By its id it answers this call.
          if (type === 'RAW') resolve(value as never)
          else reject(value.isError ? Object.assign(new Error(value.value.message), value.value) : value.value)
        })
      }),
  }
}
