import type { Case } from '../case.ts'
import { joining } from './joining.ts'
import { joiningHistory } from './joining-history.ts'
import { joiningRefused } from './joining-refused.ts'
import { leaving } from './leaving.ts'
import { newRoom } from './new-room.ts'
import { nick } from './nick.ts'
import { others } from './others.ts'
import { removal } from './removal.ts'

/** Every case, in the order in which they are shown. */
export const CASES: readonly Case[] = [
  ...joining,
  ...joiningRefused,
  ...newRoom,
  ...joiningHistory,
  ...leaving,
  ...others,
  ...removal,
  ...nick,
]
