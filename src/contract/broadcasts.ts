// The names of the broadcasts between pages and the worker that has the account.

/** Where `OpenWord` is heard by the worker that has the account, and by no other. */
export const doorOf = (account: string): string => `minimix:door:${account}`

/** The broadcasts for calls and for events that belong to a way. */
export const callsOf = (way: string): string => `${way}:calls`
export const eventsOf = (way: string): string => `${way}:events`
