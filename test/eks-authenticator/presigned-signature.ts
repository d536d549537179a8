import { createHash, createHmac } from 'node:crypto';
import { refusedBySts } from './refusal.ts';

/** A presigned GET of `/`, as it arrives. */
export interface PresignedGet {
  parameters: ReadonlyMap<string, string>;
  /** by name in lower case */
  headers: ReadonlyMap<string, string>;
  /** names in lower case, in the order in which they were signed */
  signedHeaders: readonly string[];
  region: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Everything but RFC 3986's unreserved characters. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/**
 * The signature (Signature Version 4, in the query) that AWS computes for this request, in hexadecimal. Written from the
 * algorithm alone: Berth signs with a library, and one mistake in both would prove nothing.
 * @throws TokenRefused where a signed header was not sent
 */
export function presignedSignature(
  { parameters, headers, signedHeaders, region }: PresignedGet,
  secret: string,
): string {
  const date = parameters.get('X-Amz-Date') ?? '';
  const day = date.slice(0, 8);
  const query = [...parameters]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]): [string, string] => [escaped(name), escaped(value)])
    .toSorted(([a], [b]) => compare(a, b))
    .map(([name, value]) => `${name}=${value}`);
  const lines = signedHeaders.map((name) => `${name}:${headerValue(headers, name)}\n`);
  const request = ['GET', '/', query.join('&'), lines.join(''), signedHeaders.join(';'), sha256('')].join('\n');
  const scope = `${day}/${region}/sts/aws4_request`;
  const key = ['sts', 'aws4_request'].reduce(hmac, hmac(hmac(`AWS4${secret}`, day), region));
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(request)].join('\n')).toString('hex');
}

function headerValue(headers: ReadonlyMap<string, string>, name: string): string {
  const value = headers.get(name);
  if (value === undefined) throw refusedBySts(`header ${JSON.stringify(name)} is signed, and was not sent`);
  return value.trim().replaceAll(/ +/g, ' ');
}
