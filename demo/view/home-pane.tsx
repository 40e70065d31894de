import type { Signal } from '@preact/signals'
import { addressOf, domainPart, localPart, usualNick } from '../state/address.ts'
import { Banner } from './banner.tsx'
import { useApp, useChat } from './context.ts'
import { type Panel, TopBar } from './top-bar.tsx'

/** No room is in front. */
export function HomePane({ panel }: { readonly panel: Signal<Panel> }) {
  const chat = useChat()
  const { config } = useApp()
  const rooms = [...chat.listed.value.map(({ jid }) => jid), ...chat.elsewhere.value]
  const suggested = config && !rooms.includes(config.room) ? config.room : undefined
  return (
    <section class="pane">
      <TopBar title="Welcome" panel={panel} />
      <Banner />
      <div class="door">
        <div class="door-card">
          <h2>Good to see you, {usualNick(chat.account.jid)}.</h2>
          {rooms.length > 0 && <p>Choose a room to go on.</p>}
          <ul class="door-rooms">
            {rooms.map((jid) => (
              <li key={jid}>
                <a class="button" href={addressOf(jid)}>
                  {localPart(jid)}
                </a>
              </li>
            ))}
          </ul>
          {suggested !== undefined && (
            <>
              <p>
                <b>{localPart(suggested)}</b>@{domainPart(suggested)} is waiting for you.
              </p>
              <button
                type="button"
                class="primary"
                onClick={() => {
                  chat.show(suggested)
                  void chat.join(suggested)
                }}
              >
                Join {localPart(suggested)}
              </button>
            </>
          )}
          {suggested === undefined && rooms.length === 0 && <p>Join a room by its address, in the list of rooms.</p>}
        </div>
      </div>
    </section>
  )
}
