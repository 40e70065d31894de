import { parseStyling, type StyledBlock, type StyledSpan } from 'minimix-web'
import { type Piece, piecesOf } from '../state/body.ts'

interface MessageTextProps {
  readonly body: string
  readonly ownNick?: string | undefined
}

/**
 * A message's text with its styles (XEP-0393). Every part of it is a text node: nothing that somebody wrote is ever
 * taken for markup.
 */
export function MessageText({ body, ownNick }: MessageTextProps) {
  return (
    <div class="body" dir="auto">
      <Blocks blocks={parseStyling(body)} ownNick={ownNick} />
    </div>
  )
}

type Nick = Required<Pick<MessageTextProps, 'ownNick'>>

function Blocks({ blocks, ownNick }: { readonly blocks: readonly StyledBlock[] } & Nick) {
  return (
    <>
      {blocks.map((block, at) => (
        <Block key={at} block={block} ownNick={ownNick} />
      ))}
    </>
  )
}

function Block({ block, ownNick }: { readonly block: StyledBlock } & Nick) {
  switch (block.kind) {
    case 'preformatted':
      return <pre>{block.text}</pre>
    case 'quote':
      return (
        <blockquote>
          <Blocks blocks={block.blocks} ownNick={ownNick} />
        </blockquote>
      )
    case 'line':
      return (
        <p>
          <Spans spans={block.spans} ownNick={ownNick} />
        </p>
      )
  }
}

function Spans({ spans, ownNick }: { readonly spans: readonly StyledSpan[] } & Nick) {
  return (
    <>
      {spans.map((span, at) => (
        <Span key={at} span={span} ownNick={ownNick} />
      ))}
    </>
  )
}

const ELEMENTS = { strong: 'strong', emphasis: 'em', strike: 's' } as const

function Span({ span, ownNick }: { readonly span: StyledSpan } & Nick) {
  if ('text' in span) {
    if (span.kind === 'code') return <code>{span.text}</code>
    return (
      <>
        {piecesOf(span.text, ownNick).map((piece, at) => (
          <PieceView key={at} piece={piece} />
        ))}
      </>
    )
  }
  const Element = ELEMENTS[span.kind]
  return (
    <Element>
      <Spans spans={span.spans} ownNick={ownNick} />
    </Element>
  )
}

function PieceView({ piece }: { readonly piece: Piece }) {
  switch (piece.kind) {
    case 'text':
      return <>{piece.text}</>
    case 'mention':
      return <mark>{piece.text}</mark>
    case 'link':
      return (
        <a href={piece.href} target="_blank" rel="noopener noreferrer">
          {piece.text}
        </a>
      )
  }
}
