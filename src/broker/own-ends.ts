import { bareOf } from '../protocol/jid.ts'
import { destroysRoom } from '../protocol/xep-0045-admin.ts'
import type { XmlNode } from '../protocol/xml.ts'
import type { Input } from '../rooms/inputs.ts'
import type { OnAnswer } from './requests.ts'

/**
 * Who is to hear the answer to a request. Where that is to end a room, the room hears of it, too: now, and when it is
 * answered, or has no answer.
 */
export function watchEnd(
  request: XmlNode,
  onAnswer: OnAnswer,
  stepRoom: (room: string, input: Input) => void,
): OnAnswer {
  const { id, to } = request.attrs
  if (id === undefined || to === undefined || !destroysRoom(request)) return onAnswer
  const room = bareOf(to)
  stepRoom(room, { on: 'ending', id })
  return (answer) => {
    stepRoom(room, { on: 'end-answered', id, ended: answer?.attrs['type'] === 'result' })
    onAnswer(answer)
  }
}
