import type { LogLevel, LogRecord } from 'minimix-web'
import { useId } from 'preact/hooks'
import { type Inspector, LEVELS } from '../state/inspector.ts'

const LEVEL_WORDS: Readonly<Record<LogLevel, string>> = {
  error: 'errors',
  warn: 'and warnings',
  info: 'and changes',
  debug: 'everything',
}

/** The last records of the worker, newest first, by level and words. */
export function DebugLog({ inspector }: { readonly inspector: Inspector }) {
  const { level, words, records } = inspector
  const { shown, matching } = records.value
  const id = useId()
  return (
    <section class="debug-card" aria-labelledby={id}>
      <h2 id={id}>Log</h2>
      <div class="debug-filter">
        <div class="field">
          <label for={`${id}-level`}>Show</label>
          <select
            id={`${id}-level`}
            value={level.value}
            onChange={({ currentTarget }) => {
              level.value = LEVELS.find((each) => each === currentTarget.value) ?? 'debug'
            }}
          >
            {LEVELS.map((each) => (
              <option key={each} value={each}>
                {LEVEL_WORDS[each]}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for={`${id}-words`}>With the words</label>
          <input
            id={`${id}-words`}
            type="search"
            autocomplete="off"
            spellcheck={false}
            value={words.value}
            onInput={({ currentTarget }) => {
              words.value = currentTarget.value
            }}
          />
        </div>
      </div>
      <p class="fine-print" role="status">
        {matching === 0 ? 'No record.' : `${matching} of them, the newest ${shown.length} first.`}
      </p>
      <ol class="debug-log">
        {shown.map((record, i) => (
          <Line key={matching - i} record={record} />
        ))}
      </ol>
    </section>
  )
}

function Line({ record: { atMs, level, text } }: { readonly record: LogRecord }) {
  const at = new Date(atMs)
  const time = at.toLocaleTimeString('sv', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
  return (
    <li data-level={level}>
      <time dateTime={at.toISOString()}>
        {time}.{String(at.getMilliseconds()).padStart(3, '0')}
      </time>
      <b>{level}</b>
      <span>{text}</span>
    </li>
  )
}
