import { connect, MinimixError } from 'minimix-web'

/** A small application: the last words of a room, and whether one may come in. */
export async function lastWords(account, jid, nick) {
  const words = []
  const room = account.room(jid)
  room.on('message', ({ nick, body }) => words.push(`${nick}: ${body}`))
  try {
    await room.join({ nick })
  } catch (error) {
    if (!(error instanceof MinimixError)) throw error
    return { refused: error.code, words }
  }
  return { words, say: (body) => room.send(body) }
}

/** Signs in by itself, as applications do. */
export const open = (options) => connect({ jid: 'juliet@capulet.example', password: 'secret', ...options })
