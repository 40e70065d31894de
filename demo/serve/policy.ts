import type { Plugin } from 'vite'

/** Of page and worker. Somebody may sign in to any server, which is found by HTTPS and spoken to by WebSockets. */
const RULES = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "worker-src 'self'",
  "connect-src 'self' ws: wss: https:",
  "base-uri 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
]

/** What somebody wrote can never run, even if a fault in the page were to take it for markup. */
export function strictPolicy(): Plugin {
  return {
    name: 'demo-strict-policy',
    configureServer({ middlewares }) {
      middlewares.use((_request, response, next) => {
        response.setHeader('content-security-policy', [...RULES, "frame-ancestors 'none'"].join('; '))
        response.setHeader('x-content-type-options', 'nosniff')
        response.setHeader('referrer-policy', 'no-referrer')
        next()
      })
    },
  }
}

/** The same in the page itself, for a web server that sets no headers. */
export function policyInPage(): Plugin {
  return {
    name: 'demo-policy-in-page',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: RULES.join('; ') },
        injectTo: 'head-prepend',
      },
    ],
  }
}
