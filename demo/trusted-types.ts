// Nothing in this page is markup or code by being a text: the only texts for which it vouches are addresses of workers,
// and of those only its own.
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string | null }): unknown
}

const { trustedTypes } = globalThis as { readonly trustedTypes?: PolicyFactory } // not yet in TypeScript's own types

trustedTypes?.createPolicy('default', {
  createScriptURL: (url) => (new URL(url, location.href).origin === location.origin ? url : null),
})
