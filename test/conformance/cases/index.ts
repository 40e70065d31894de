import type { Case } from '../case.ts'
import { accounts } from './accounts.ts'
import { amendments } from './amendments.ts'
import { avatars } from './avatars.ts'
import { bookmarks } from './bookmarks.ts'
import { catchingUp } from './catching-up.ts'
import { hostile } from './hostile.ts'
import { hostileFloods } from './hostile-floods.ts'
import { invites } from './invites.ts'
import { joining } from './joining.ts'
import { joiningHistory } from './joining-history.ts'
import { joiningRefused } from './joining-refused.ts'
import { leaving } from './leaving.ts'
import { messageActions } from './message-actions.ts'
import { message } from './messages.ts'
import { newRoom } from './new-room.ts'
import { nick } from './nick.ts'
import { others } from './others.ts'
import { people } from './people.ts'
import { plugins } from './plugins.ts'
import { presence } from './presence.ts'
import { privateMessages } from './private-messages.ts'
import { profiles } from './profiles.ts'
import { removal } from './removal.ts'
import { requests } from './requests.ts'
import { roomsToFind } from './rooms-to-find.ts'
import { sameAsAlone } from './same-as-alone.ts'
import { seeingInside } from './seeing-inside.ts'
import { selfPing } from './self-ping.ts'
import { session } from './session.ts'
import { signingIn } from './signing-in.ts'
import { subject } from './subject.ts'
import { tabsFates } from './tabs-fates.ts'
import { tabsLife } from './tabs-life.ts'
import { typingAndFiles } from './typing-and-files.ts'
import { unread } from './unread.ts'

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
  ...presence,
  ...message,
  ...privateMessages,
  ...subject,
  ...invites,
  ...requests,
  ...bookmarks,
  ...selfPing,
  ...sameAsAlone,
  ...session,
  ...signingIn,
  ...catchingUp,
  ...unread,
  ...amendments,
  ...messageActions,
  ...accounts,
  ...people,
  ...avatars,
  ...profiles,
  ...tabsLife,
  ...tabsFates,
  ...typingAndFiles,
  ...seeingInside,
  ...plugins,
  ...hostile,
  ...hostileFloods,
  ...roomsToFind,
]
