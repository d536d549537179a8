import * as z from 'zod';

/**
 * The longest name: namespace `stg-<name>` fits a label of 63, and the operation's id `<name>-g<9 digits>-teardown`
 * fits the 80 characters of an execution's name.
 */
export const longestName = 59;

export const StagingName = z
  .string()
  .max(longestName, `must be at most ${longestName} characters`)
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    'must be a DNS label: lower-case letters, digits and inner hyphens, such as "checkout-42"',
  );

export const namespaceOf = (name: string): string => `stg-${name}`;

/** The name behind a namespace, or undefined where the namespace isn't a staging's. */
export const nameOfNamespace = (namespace: string): string | undefined =>
  namespace.startsWith('stg-') ? namespace.slice('stg-'.length) : undefined;

const hashLength = 7;

/** FNV-1a over UTF-8, 32 bits twice with different seeds, in base 36: keeps apart branches that reduce to one label. */
function shortHash(text: string): string {
  const fold = (seed: number): number =>
    new TextEncoder().encode(text).reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, seed);
  return (fold(0x811c9dc5).toString(36) + fold(0x01000193).toString(36)).slice(0, hashLength).padEnd(hashLength, '0');
}

/** The longest name of a Helm release: charts add to it to make names of objects. */
const longestRelease = 53;

/** The staging's name, or where Helm finds it too long, the beginning of it and a short hash of the whole. */
export const releaseNameOf = (name: string): string =>
  name.length <= longestRelease
    ? name
    : `${name.slice(0, longestRelease - hashLength - 1).replace(/-+$/, '')}-${shortHash(name)}`;

/**
 * A DNS label for a branch: as it is where it already is one, otherwise reduced, cut and followed by a short hash of the
 * original, so that `Feature/A` and `feature-a` never share a staging.
 */
export function nameFromBranch(branch: string): string {
  if (StagingName.safeParse(branch).success) return branch;
  const reduced = branch
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, longestName - hashLength - 1)
    .replace(/^-+|-+$/g, '');
  return `${reduced || 'branch'}-${shortHash(branch)}`;
}

/** The longest host name of RFC 1035. */
const longestHost = 253;

/** The staging's host: one label under the base domain, since a wildcard certificate covers no more. */
export const hostOf = (name: string, baseDomain: string): string => `${name}.${baseDomain}`;

export const hostFits = (name: string, baseDomain: string): boolean => hostOf(name, baseDomain).length <= longestHost;
