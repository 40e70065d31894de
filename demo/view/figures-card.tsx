import { addressOf } from '../state/address.ts'
import { bytesInWords, type Figures } from '../state/figures.ts'
import { useChat } from './context.ts'
import { TabIcon } from './icons.tsx'

const DRAWN_TABS = 8

/** What the tabs of this account cost together, and what they would have cost apart. */
export function FiguresCard() {
  const { account, figures, open } = useChat()
  const here = open.value === undefined ? location.pathname : addressOf(open.value)
  return (
    <section class="figures" aria-labelledby="figures-title">
      <h2 id="figures-title">What these tabs cost</h2>
      {figures.value && <Comparison figures={figures.value} />}
      {/* biome-ignore lint/security/noBlankTarget: our own page, which so gets a copy of this tab's session storage */}
      <a class="button" href={here} target="_blank" rel="opener">
        <TabIcon />
        Open another tab
      </a>
      <a
        class="see-inside"
        href={`./debug.html?jid=${encodeURIComponent(account.jid)}`}
        target="_blank"
        rel="noopener noreferrer"
      >
        See inside
      </a>
    </section>
  )
}

function Comparison({ figures }: { readonly figures: Figures }) {
  const { tabs, connections, joins, bytes, countedBy } = figures
  const row = (name: string, counted: number, words: (value: number) => string) => (
    <tr>
      <th scope="row">{name}</th>
      <td>{words(counted)}</td>
      <td class="arithmetic">{words(counted * tabs)}</td>
    </tr>
  )
  return (
    <>
      <p class="tabs-drawn">
        <span class="tabs-icons" aria-hidden="true">
          {Array.from({ length: Math.min(tabs, DRAWN_TABS) }, (_, i) => (
            <TabIcon key={i} />
          ))}
        </span>
        <b>{tabs === 1 ? '1 tab' : `${tabs} tabs`}</b>
      </p>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">Together</th>
            <th scope="col">Apart*</th>
          </tr>
        </thead>
        <tbody>
          {row('Connections', connections, String)}
          {row('Joins', joins, String)}
          {row('Traffic', bytes, bytesInWords)}
        </tbody>
      </table>
      <p class="fine-print">
        Together: counted {countedBy === 'server' ? 'in front of the server' : 'in the worker that they share'}.
        <br />* Arithmetic, not measured: × {tabs}.
      </p>
    </>
  )
}
