import { badForm } from './refusal.ts';

/** The presigned request that a token stands for. */
export interface SignedRequest {
  host: string;
  /** decoded, names as they were sent */
  parameters: ReadonlyMap<string, string>;
}

const prefix = 'k8s-aws-v1.';
const longest = 4 * 1024;

/** In lower case: the authenticator compares them so. */
const permitted = new Set([
  'action',
  'version',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
]);

/**
 * What EKS's authenticator (kubernetes-sigs/aws-iam-authenticator, pkg/token) reads out of a token before it looks at any
 * value: by hand, since the URL class of JavaScript lower-cases hosts and drops default ports.
 * @throws TokenRefused
 */
export function readToken(token: string): SignedRequest {
  if (Buffer.byteLength(token) > longest) throw badForm(`the token is longer than ${longest} bytes`);
  if (!token.startsWith(prefix)) throw badForm(`the token doesn't begin with ${prefix}`);
  const url = decodeBase64(token.slice(prefix.length));
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(url)) throw badForm('the URL holds control characters');
  const parts = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?$/.exec(url);
  if (!parts) throw badForm('the token holds no URL');
  const [, scheme = '', host = '', path = '', query = ''] = parts;
  if (scheme.toLowerCase() !== 'https') throw badForm(`the scheme is ${scheme}`);
  if (host.includes('@')) throw badForm('the URL holds a user');
  if (decoded(path) !== '/') throw badForm(`the path is ${JSON.stringify(path)}`);
  return { host, parameters: readQuery(query) };
}

/** base64url without padding; Buffer would take anything. */
function decodeBase64(text: string): string {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw badForm('the token is no base64url');
  return Buffer.from(text, 'base64url').toString();
}

function readQuery(query: string): Map<string, string> {
  if (query.includes(';')) throw badForm('a semicolon separates parameters');
  const parameters = new Map<string, string>();
  const seen = new Set<string>();
  for (const part of query.split('&').filter((each) => each !== '')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(part) ?? [];
    const key = decoded(name.replaceAll('+', ' '));
    if (seen.has(key.toLowerCase())) throw badForm(`parameter ${key} is there twice`);
    if (!permitted.has(key.toLowerCase())) throw badForm(`parameter ${JSON.stringify(key)} isn't permitted`);
    seen.add(key.toLowerCase());
    parameters.set(key, decoded(value.replaceAll('+', ' ')));
  }
  return parameters;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badForm(`${JSON.stringify(text)} is wrongly escaped`);
  }
}
