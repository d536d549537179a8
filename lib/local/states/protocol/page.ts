import { ProtocolError } from './protocol-error.ts';

export interface Page<Item> {
  items: readonly Item[];
  nextToken?: string;
}

/**
 * A page of a list that only grows at an end.
 * @param after the key of the last item that was shown, as the token keeps it
 * @throws ProtocolError InvalidToken
 */
export function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { maxResults, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
): Page<Item> {
  const from = nextToken === undefined ? 0 : startAfter(items, keyOf, nextToken);
  const shown = items.slice(from, from + (maxResults || 100));
  const last = shown.at(-1);
  const more = last !== undefined && from + shown.length < items.length;
  return { items: shown, ...(more ? { nextToken: Buffer.from(keyOf(last)).toString('base64url') } : {}) };
}

function startAfter<Item>(items: readonly Item[], keyOf: (item: Item) => string, token: string): number {
  const key = Buffer.from(token, 'base64url').toString();
  const index = items.findIndex((item) => keyOf(item) === key);
  if (index === -1) throw new ProtocolError('InvalidToken', "Invalid Token: 'Invalid token'");
  return index + 1;
}
