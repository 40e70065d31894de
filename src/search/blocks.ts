import { ByteReader, ByteWriter, byteLength } from './bytes.ts'

/**
 * Some tokens of a segment in their order, and for each the documents that have it.
 *
 * The blocks of a segment are in the order of their tokens, too, and no token is in two of them: so what begins with a
 * prefix is in one block, or in blocks that follow each other.
 */
export interface Block {
  /** Sorted by code unit, as IndexedDB sorts keys; parted by line feeds. */
  readonly tokens: string
  /** For each token the length of its list in bytes, then the list: the first document, then the steps to the next. */
  readonly lists: Uint8Array<ArrayBuffer>
}

/** The last token of a block, which is its key in the segment. */
export const lastToken = ({ tokens }: Block): string => tokens.slice(tokens.lastIndexOf('\n') + 1)

/** Packs lists into blocks of about `size` bytes each. */
export class BlockWriter {
  readonly blocks: Block[] = []
  readonly #size: number
  readonly #lists = new ByteWriter()
  #tokens: string[] = []
  #characters = 0

  constructor(size: number) {
    this.#size = size
  }

  /** Tokens come in their order; documents ascend, and none comes twice. */
  add(token: string, documents: readonly number[] | Uint16Array): void {
    let [length, before] = [0, 0]
    for (const document of documents) {
      length += byteLength(document - before)
      before = document
    }
    this.#lists.put(length)
    before = 0
    for (const document of documents) {
      this.#lists.put(document - before)
      before = document
    }
    this.#tokens.push(token)
    this.#characters += token.length + 1
    if (this.#characters + this.#lists.length >= this.#size) this.end()
  }

  end(): void {
    if (this.#tokens.length === 0) return
    this.blocks.push({ tokens: this.#tokens.join('\n'), lists: this.#lists.take() })
    this.#tokens = []
    this.#characters = 0
  }
}

/** Calls for each document of each token of the block for which the test holds. */
export function eachList(block: Block, wanted: (token: string) => boolean, visit: ListVisitor): void {
  const reader = new ByteReader(block.lists)
  for (const token of block.tokens.split('\n')) {
    const length = reader.next()
    if (wanted(token)) visit(token, reader, reader.at + length)
    else reader.at += length
  }
}

/** Gets the reader at the beginning of a list and must leave it at its end. */
export type ListVisitor = (token: string, reader: ByteReader, end: number) => void

/** What is looked for in the index: a token, or all that begin with one. */
export interface Term {
  readonly token: string
  readonly exact: boolean
}

/** Calls for each document of the block that has the term: several times, where several of its tokens are wanted. */
export function eachDocument(block: Block, { token: wanted, exact }: Term, visit: (document: number) => void): void {
  const tokens = block.tokens.split('\n')
  const reader = new ByteReader(block.lists)
  for (const token of tokens) {
    const end = reader.next() + reader.at
    if (token < wanted) {
      reader.at = end
      continue
    }
    if (exact ? token !== wanted : !token.startsWith(wanted)) return
    for (let document = 0; reader.at < end; ) {
      document += reader.next()
      visit(document)
    }
  }
}
