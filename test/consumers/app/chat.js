import { connect } from 'minimix-web'

const list = document.querySelector('ul')
const input = document.querySelector('input')

/** Signs in, enters a room and shows what is said there. The address of the page says who, where and how. */
export async function start(options = {}) {
  const { jid, service, password, room, nick } = Object.fromEntries(new URLSearchParams(location.search))
  const account = await connect({ jid, service, password, ...options })
  const garden = account.room(room)
  garden.on('message', ({ body }) => show(body))
  await garden.join({ nick })
  // What shows pictures is a file of the SDK that is loaded now: the bundler must not have lost it.
  const picture = await account.avatars.url(garden)
  document.title = picture ?? 'no picture'
  document.querySelector('form').addEventListener('submit', (event) => {
    event.preventDefault()
    garden.send(input.value)
  })
  input.disabled = false
}

function show(body) {
  const item = document.createElement('li')
  item.textContent = body
  list.append(item)
}
