import type { Later } from '../../../src/broker/later.ts'
import { later } from '../../../src/later.ts'

/** What is else loaded when it is needed, without the plug-ins: a test brings those that it is about. */
export const bareLater: Later = { ...later, plugins: [] }
