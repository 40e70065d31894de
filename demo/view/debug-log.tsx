import type { LogLevel, LogRecord } from 'minimix-web'
import { useId } from 'preact/hooks'
import { type Inspector, LEVELS } from '../state/inspector.ts'
import { timeInWords } from '../state/words.ts'

const LEVEL_WORDS: Readonly<Record<LogLevel, string>> = {
  error: 'errors',
  warn: 'errors and warnings',
  info: 'all but details',
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
        {countInWords(matching, shown.length)}
      </p>
      <ol class="debug-log">
        {shown.map((record, i) => (
          <Line key={matching - i} record={record} />
        ))}
      </ol>
    </section>
  )
}

function countInWords(matching: number, shown: number): string {
  if (matching === 0) return 'No record.'
  if (matching === 1) return '1 record.'
  return matching === shown ? `${matching} records, the newest first.` : `The newest ${shown} of ${matching} records.`
}

function Line({ record: { atMs, level, text } }: { readonly record: LogRecord }) {
  const at = new Date(atMs)
  return (
    <li data-level={level}>
      <time dateTime={at.toISOString()}>
        {timeInWords(atMs)}.{String(at.getMilliseconds()).padStart(3, '0')}
      </time>
      <b>{level}</b>
      <span>{text}</span>
    </li>
  )
}
