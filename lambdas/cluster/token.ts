import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

type Signer = ConstructorParameters<typeof SignatureV4>[0];

/** SHA-256 as the signer wants it. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }
  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(chunk));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  /** Part of the signer's interface, never called by it: a signature needs one digest of one hash. */
  reset(): void {
    throw new Error('a digest is made once');
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** EKS takes a token for 15 minutes after it was signed; 14 leave room for clocks that differ. */
const lifetime = 14 * 60_000;

/** No token is used in its last minute, so that a watch that begins with it gets through its first request. */
const reserve = 60_000;

/** Seconds that the signed URL itself is good for: the value that the authenticator's own clients send. */
const urlExpiry = 60;

const stsHost = (region: string): string => `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

export interface TokenSource {
  credentials: Signer['credentials'];
  region: string;
  /** milliseconds since 1970 */
  now: () => number;
}

/**
 * Bearer tokens for EKS clusters: a presigned `sts:GetCallerIdentity` that names the cluster in a signed header. Made
 * without a network call, and used again until a minute before its end.
 */
export function eksTokens({ credentials, region, now }: TokenSource): (cluster: string) => Promise<string> {
  const signer = new SignatureV4({ credentials, region, service: 'sts', sha256: Sha256 });
  const kept = new Map<string, { token: Promise<string>; until: number }>();
  async function sign(cluster: string): Promise<string> {
    const hostname = stsHost(region);
    const signed = await signer.presign(
      {
        method: 'GET',
        protocol: 'https:',
        hostname,
        path: '/',
        query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
        headers: { host: hostname, 'x-k8s-aws-id': cluster },
      },
      { expiresIn: urlExpiry, signingDate: new Date(now()), unhoistableHeaders: new Set(['x-k8s-aws-id']) },
    );
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(signed.query ?? {})) query.set(name, String(value));
    return `k8s-aws-v1.${Buffer.from(`https://${hostname}/?${query.toString()}`).toString('base64url')}`;
  }
  return (cluster) => {
    const known = kept.get(cluster);
    if (known && now() < known.until) return known.token;
    const token = sign(cluster);
    kept.set(cluster, { token, until: now() + lifetime - reserve });
    token.catch(() => kept.delete(cluster));
    return token;
  };
}
