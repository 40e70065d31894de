/** Both sides of one measurement, taken in one run, in turn. */
export interface Samples {
  readonly ours: readonly number[]
  readonly baseline: readonly number[]
}

/** Something that can be measured by name, and what it is held against. */
export interface Measurement {
  readonly name: string
  readonly unit: string
  /** What is counted or timed on each side, in a line. */
  readonly what: string
  /** Ends within 50 s. */
  run(): Promise<Samples>
}

export interface Result {
  readonly ours: number
  readonly baseline: number
  /** `ours / baseline`. */
  readonly ratio: number
  readonly unit: string
}

/** The medians of both sides, and how they compare. */
export function resultOf({ unit }: Measurement, { ours, baseline }: Samples): Result {
  const [a, b] = [median(ours), median(baseline)]
  return { ours: rounded(a), baseline: rounded(b), ratio: rounded(a / b), unit }
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  if (low === undefined || high === undefined) throw new Error('a median of nothing')
  return (low + high) / 2
}

/** Four significant digits: more would be noise. */
const rounded = (value: number): number => Number(value.toPrecision(4))
