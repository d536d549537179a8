import { createHash } from 'node:crypto';
import jsonata from 'jsonata';

export interface FunctionSources {
  /** milliseconds since 1970 */
  now: () => number;
  /** 0 ≤ x < 1 */
  random: () => number;
}

const algorithms: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const formatNow = jsonata('$fromMillis($at, $picture, $timezone)');

/**
 * What Step Functions adds to jsonata ($partition, $range, $hash, $random, $uuid, $parse), and the built-ins that would
 * read the machine's clock. docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export const awsFunctions = (sources: FunctionSources): Record<string, unknown> => ({
  partition,
  range,
  hash,
  random: (seed?: number) => (seed === undefined ? sources.random() : seeded(seed)),
  uuid: () => uuid(sources.random),
  parse: (text: string): unknown => JSON.parse(text),
  millis: () => sources.now(),
  now: async (picture?: string, timezone?: string): Promise<unknown> =>
    formatNow.evaluate(undefined, { at: sources.now(), picture, timezone }),
  eval: undefined,
});

function partition(items: readonly unknown[], size: number): unknown[][] {
  if (!(Number.isInteger(size) && size > 0)) throw new Error('$partition: the size must be a positive integer');
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

function range(first: number, last: number, step: number): number[] {
  if (!(Number.isInteger(step) && step !== 0)) throw new Error('$range: the step must be an integer other than 0');
  const count = Math.floor((last - first) / step) + 1;
  if (count > 1000) throw new Error('$range: at most 1000 items');
  return Array.from({ length: Math.max(count, 0) }, (_, index) => first + index * step);
}

function hash(text: string, algorithm = 'MD5'): string {
  const name = algorithms[algorithm];
  if (!name) throw new Error(`$hash: the algorithm must be one of ${Object.keys(algorithms).join(', ')}`);
  return createHash(name).update(text).digest('hex');
}

/** mulberry32: the same number for the same seed. */
function seeded(seed: number): number {
  let state = (seed + 0x6d2b79f5) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 4_294_967_296;
}

/** A version 4 UUID out of the given randomness, so that a replay with the same randomness gives the same. */
export function uuid(random: () => number): string {
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replaceAll(/[xy]/gu, (place) => {
    const digit = Math.floor(random() * 16);
    return (place === 'x' ? digit : (digit & 3) | 8).toString(16);
  });
}
