import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { recordAt } from '../json.ts';

/** Letters and digits of generated names: no vowels, so that no words appear (as the API server does it). */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

const letter = (index: number): string => alphabet.charAt(index % alphabet.length);

/** The five characters that the API server puts behind a generateName. */
const randomSuffix = (random: () => number): string =>
  Array.from({ length: 5 }, () => letter(Math.floor(random() * alphabet.length))).join('');

/** A generated name: a base cut so that the whole stays a DNS label, and five random characters. */
export const generatedName = (base: string, random: () => number): string =>
  `${base.slice(0, 58)}${randomSuffix(random)}`;

const sortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)))
    : value;

/** A short hash of any JSON value, the same whatever the order of keys: FNV-1a in the alphabet above, as pod-template-hash is. */
function hashOf(value: unknown): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(JSON.stringify(value, sortedKeys))) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return Array.from(String(hash), (digit) => letter(digit.charCodeAt(0))).join('');
}

const templateHashes = new WeakMap<object, string>();

/** The hash of a workload's pod template. A template is the same object as long as nobody changes it, so it is hashed once. */
export function templateHash(workload: KubernetesObject): string {
  const template = recordAt(workload, 'spec', 'template');
  const known = templateHashes.get(template);
  if (known !== undefined) return known;
  const hash = hashOf(template);
  templateHashes.set(template, hash);
  return hash;
}
