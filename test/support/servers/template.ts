import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Writes the template of that name, from this folder, into `folder`, with each `__NAME__` replaced by its value.
 *
 * @returns the path of the new file
 * @throws Error when the template wants a value that is not given
 */
export async function fillTemplate(
  name: 'prosody.cfg.lua' | 'ejabberd.yml',
  folder: string,
  values: Readonly<Record<string, string | number | boolean>>,
): Promise<string> {
  const template = await readFile(join(import.meta.dirname, name), 'utf8')
  const filled = template.replace(/__([A-Z_]+?)__/g, (_, key: string) => {
    const value = values[key]
    if (value === undefined) throw new Error(`${name}: no value for __${key}__`)
    return String(value)
  })
  const path = join(folder, name)
  await writeFile(path, filled)
  return path
}

/** Text as it stands between the double quotes of a string in Lua or YAML. */
export function quoted(text: string): string {
  return text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
}
