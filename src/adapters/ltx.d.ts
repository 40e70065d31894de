// What we use of ltx 3.1.2, which brings no types of its own.

declare module 'ltx/src/parsers/ltx.js' {
  export default class SaxLtx {
    emit(event: string, what: string, attrs?: Record<string, string>): boolean
    write(data: string): void
  }
}
