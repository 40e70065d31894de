// A step of `npm run build`: the licences of what is bundled, as they want to be with it. The source maps know what that is.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')
const OF_PACKAGE = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//

const names = new Set<string>()
for (const file of readdirSync(DIST).filter((file) => file.endsWith('.js.map'))) {
  const { sources }: { readonly sources: readonly string[] } = JSON.parse(readFileSync(join(DIST, file), 'utf8'))
  for (const source of sources) {
    const name = OF_PACKAGE.exec(source)?.[1]
    if (name !== undefined) names.add(name)
  }
}

const parts = [...names].sort().map((name) => {
  const folder = join(ROOT, 'node_modules', name)
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((each) => /^licen[cs]e(\.|$)/i.test(each))
  if (file === undefined || !license) throw new Error(`${name} ${version} has no licence`)
  return `## ${name} ${version} (${license})\n\n\`\`\`\n${readFileSync(join(folder, file), 'utf8').trim()}\n\`\`\`\n`
})
const head =
  '# Licences of what is bundled\n\nThe modules of this package hold code of these packages, or parts of it.\n'
writeFileSync(join(DIST, 'THIRD-PARTY-LICENSES.md'), [head, ...parts].join('\n'))
