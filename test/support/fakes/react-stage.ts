import { act, createElement, type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { type TabStage, type TabStageOptions, tabStage } from './tab-pair.ts'

export interface ReactStage extends TabStage {
  /** Shows something in strict mode, in a page of its own. */
  show(content: ReactNode): Promise<Shown>
  /** Calls hooks in a component. */
  use<A, T>(hook: (given: A) => T, given: A): Promise<Used<A, T>>
  /** Whatever is done in there and on its way has been shown. */
  acted<T>(work: () => T | Promise<T>): Promise<T>
}

export interface Shown {
  readonly page: HTMLElement
  again(content: ReactNode): Promise<void>
  gone(): Promise<void>
}

export interface Used<A, T> {
  /** What the hooks gave last. */
  readonly now: T
  /** All that they gave, also in renders that strict mode makes twice. */
  readonly all: readonly T[]
  again(given: A): Promise<void>
  gone(): Promise<void>
}

/** A stage of tabs (`tabStage`) and the components of one page. For files with the environment happy-dom. */
export function reactStage(options: TabStageOptions = {}): ReactStage {
  const ofPage = Object.getOwnPropertyDescriptor(globalThis, 'document')
  const stage = tabStage(options)
  if (ofPage) Object.defineProperty(globalThis, 'document', ofPage) // React needs all of it, and it is visible
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

  const acted = async <T>(work: () => T | Promise<T>): Promise<T> => {
    let value: { readonly was: T } | undefined
    await act(async () => {
      value = { was: await work() }
    })
    // What effects have begun, too: they run when `act` ends.
    await act(() => stage.settle())
    if (!value) throw new Error('act has not called what it was given')
    return value.was
  }

  const show = async (content: ReactNode): Promise<Shown> => {
    const page = document.createElement('main')
    const root = createRoot(page)
    let isThere = true
    const again = (next: ReactNode): Promise<void> => acted(() => root.render(createElement(StrictMode, null, next)))
    const gone = async (): Promise<void> => {
      if (isThere) await acted(() => root.unmount())
      isThere = false
    }
    await again(content)
    return { page, again, gone }
  }

  return {
    ...stage,
    get worker() {
      return stage.worker
    },
    acted,
    show,
    async use(hook, given) {
      const all: ReturnType<typeof hook>[] = []
      const called = (words: typeof given) => createElement(Caller, { call: () => all.push(hook(words)) })
      const { again, gone } = await show(called(given))
      return {
        all,
        get now() {
          const last = all.at(-1)
          if (last === undefined) throw new Error('nothing was rendered')
          return last
        },
        again: (next) => again(called(next)),
        gone,
      }
    },
    look(visible) {
      Object.defineProperty(document, 'visibilityState', { value: visible ? 'visible' : 'hidden', configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    },
    end() {
      Reflect.deleteProperty(document, 'visibilityState')
      stage.end()
    },
  }
}

function Caller({ call }: { readonly call: () => void }): null {
  call()
  return null
}
