// Under `require-trusted-types-for 'script'` somebody must vouch for the address of a worker: this page, for its own files.
globalThis.trustedTypes?.createPolicy('default', {
  createScriptURL: (url) => (new URL(url, location.href).origin === location.origin ? url : null),
})
