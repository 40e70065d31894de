/**
 * Stands for Node's `events` where the worker is bundled: the parser inherits from its emitter, but all that it has to
 * say is taken by `frame-reader.ts`, so nothing of an emitter is ever used.
 */
export class EventEmitter {}
