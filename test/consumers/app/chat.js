import { connect } from 'minimix-web'

/** Signs in, enters a room and shows what is said there. The address of the page says who, where and how. */
export async function start(options = {}) {
  const { jid, service, password, room, nick } = Object.fromEntries(new URLSearchParams(location.search))
  const account = await connect({ jid, service, password, ...options })
  const garden = account.room(room)
  garden.on('message', ({ body }) => show(body))
  document.querySelector('form').addEventListener('submit', (event) => {
    event.preventDefault()
    garden.send(document.querySelector('input').value)
  })
  await garden.join({ nick })
  document.title = 'in'
}

function show(body) {
  const item = document.createElement('li')
  item.textContent = body
  document.querySelector('ul').append(item)
}
