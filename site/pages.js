import { readFileSync } from 'node:fs'
import { Converter, ReflectionKind } from 'typedoc'

const { name: packageName, exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** By the source of what can be imported: the words that import it. */
const imports = new Map(
  Object.entries(exports).map(([path, { types = '' }]) => [
    types.replace(/^.*dist\/types\/|\.d\.ts$/g, ''),
    packageName + path.slice(1),
  ]),
)

/** How the docstring of a method begins that one part of the SDK calls on another. */
const NOT_FOR_APPS = /^(?:For [^.:]* alone:|Made by )/

/**
 * Pages go by their own headings, and modules by what imports them; what is about the project stands apart from guides.
 *
 * @param {import('typedoc').Application} app
 */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    const text = page.content.map(({ text }) => text).join('')
    page.frontmatter.group = page.name === page.name.toUpperCase() ? 'The project' : 'Guides'
    page.name = /^# (.+)$/m.exec(text)?.[1] ?? page.name
  })
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) module.name = imports.get(module.name) ?? module.name
    for (const method of project.getReflectionsByKind(ReflectionKind.Method)) {
      const words = method.signatures?.[0]?.comment?.summary.map(({ text }) => text).join('') ?? ''
      if (NOT_FOR_APPS.test(words)) project.removeReflection(method)
    }
  })
}
