// The site of `npm run docs`: every guide of docs/, and the reference made of the docstrings, by TypeDoc. It is one tool for
// both, has the search and all that it needs in its own files, and its pages can be opened without a server.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))

/** What guides are read in. One that is not named here stands between these. */
const FIRST = [
  ...['getting-started', 'signing-in', 'rooms', 'rooms-to-find', 'messages', 'message-actions', 'typing-and-files'],
  ...['unread-and-notifications', 'people', 'presence', 'bookmarks-and-invitations'],
]
const LAST = ['tabs-and-workers', 'errors', 'storage', 'seeing-inside', 'security', 'coming-from', 'how-it-works']
const all = readdirSync(`${root}docs/guides`)
  .filter((file) => file.endsWith('.md'))
  .map((file) => file.replace(/\.md$/, ''))
  .sort()
const guides = [
  ...FIRST.filter((name) => all.includes(name)),
  ...all.filter((name) => !FIRST.includes(name) && !LAST.includes(name)),
  ...LAST.filter((name) => all.includes(name)),
]

/** The sources of what can be imported; a worker file exports nothing. */
const entries = Object.values(exports)
  .flatMap(({ types }) => types ?? [])
  .map((types) => types.replace('./dist/types/', 'src/').replace(/\.d\.ts$/, ''))
  .map((source) => (existsSync(`${root}${source}.tsx`) ? `${source}.tsx` : `${source}.ts`))
  .filter((source) => source !== 'src/worker.ts')

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'minimix-web',
  plugin: ['./pages.js'],
  entryPoints: entries.map((source) => `../${source}`),
  tsconfig: '../tsconfig.json',
  readme: '../README.md',
  projectDocuments: [
    ...guides.map((name) => `../docs/guides/${name}.md`),
    '../docs/xeps.md',
    ...['SECURITY', 'ARCHITECTURE', 'CONTRIBUTING', 'CHANGELOG'].map((name) => `../${name}.md`),
  ],
  out: '../docs-site',
  headings: { document: false, readme: false },
  navigation: { includeGroups: true },
  groupOrder: ['Guides', 'Modules', 'The project', '*'],
  sort: ['alphabetical-ignoring-documents'],
  disableSources: true,
  includeVersion: true,
  excludePrivate: true,
  excludeProtected: true,
  excludeInternal: true,
  hideGenerator: true,
  highlightLanguages: ['ts', 'tsx', 'js', 'json', 'html', 'md', 'sh', 'vue', 'svelte'],
  skipErrorChecking: true, // `npm run types` does that, with the compiler of this project
  validation: { invalidLink: true, invalidPath: true, notExported: false },
  treatWarningsAsErrors: true,
}
