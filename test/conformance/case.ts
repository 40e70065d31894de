import type { Scene, SceneOptions } from '../support/stage.ts'
import type { Feature } from './features.ts'

/** A scene, and what server and browser in it can do. */
export type Setting = Scene & { readonly can: ReadonlySet<Feature> }

/** One thing that must be true, shown by itself: with an account, a room and a browser profile of its own. */
export interface Case {
  /** A letter for the theme and two digits, such as `J01`. */
  readonly name: string
  /** One sentence, true or false on its own. */
  readonly title: string
  /** What the server and the browser must be able to do; without it the case is skipped. */
  readonly needs: readonly Feature[]
  readonly deadlineMs: number
  readonly scene: SceneOptions
  /**
   * Whether the account is out of a room in it without having been told: then a presence that it sends there is not held
   * against it.
   */
  readonly ghost: boolean
  readonly run: (setting: Setting) => Promise<void>
}

type Particulars = Partial<Pick<Case, 'needs' | 'deadlineMs' | 'ghost'>> & SceneOptions

const DEADLINE_MS = 30_000

export function conform(
  name: string,
  title: string,
  run: Case['run'],
  { needs = [], deadlineMs = DEADLINE_MS, ghost = false, ...scene }: Particulars = {},
): Case {
  return { name, title, needs, deadlineMs, scene, ghost, run }
}
