/** Puts an entry behind all others, of which there are so many at the most. @returns the one that is forgotten for it */
export function remember<V>(entries: Map<string, V>, key: string, value: V, most: number): V | undefined {
  entries.delete(key)
  entries.set(key, value)
  if (entries.size <= most) return undefined
  const [[oldest, gone] = []] = entries
  if (oldest !== undefined) entries.delete(oldest)
  return gone
}
