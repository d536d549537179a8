/** A source of randomness: numbers from 0 up to, but not including, 1. */
export type Random = () => number;

/** The letters Kubernetes makes names of: no vowels, and nothing easily mistaken. */
const suffixLetters = 'bcdfghjklmnpqrstvwxz2456789';

/** Five random letters, as the API server appends them to `generateName`. */
export const nameSuffix = (random: Random): string =>
  Array.from({ length: 5 }, () => suffixLetters[Math.floor(random() * suffixLetters.length)]).join('');

/** A random (version 4) UUID out of the given randomness. */
export function uuid(random: Random): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16));
  digits[12] = 4;
  digits[16] = 8 + ((digits[16] ?? 0) % 4);
  const hex = digits.map((digit) => digit.toString(16)).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Time as Kubernetes writes it: whole seconds, UTC. */
export const timestamp = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
