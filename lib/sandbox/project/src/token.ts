export const TokenKind = { word: 1, number: 2 } as const;

/** The kind of a token. */
export function kindOf(text: string): number {
  return /^\d+$/.test(text) ? TokenKind.number : TokenKind.word;
}
