import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { useAccount, useMessages, useOccupants, useRoom, useUnread } from '../../src/react.ts'

/** All hooks in one, as a page has them. */
function Page() {
  const { account, status } = useAccount({ jid: 'juliet@capulet.example' })
  const { room, state } = useRoom(account, 'garden@rooms.capulet.example', { nick: 'juliet' })
  const { messages, loading } = useMessages(room)
  const { unread } = useUnread(account)
  return createElement(
    'p',
    null,
    [status, state, messages.length, loading, useOccupants(room).length, unread].join(' '),
  )
}

test('on a server, where nothing of a browser is, there is a page before the account', () => {
  expect(renderToString(createElement(Page))).toBe('<p>connecting out 0 false 0 0</p>')
})
