import { type Piece, piecesOf } from '../state/body.ts'

/** A message's text. Every part of it is a text node: nothing that somebody wrote is ever taken for markup. */
export function MessageText({ body, ownNick }: { readonly body: string; readonly ownNick?: string | undefined }) {
  return (
    <p class="body" dir="auto">
      {piecesOf(body, ownNick).map((piece, at) => (
        <PieceView key={at} piece={piece} />
      ))}
    </p>
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
