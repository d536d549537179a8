import { presignedSignature } from './presigned-signature.ts';
import type { SignedRequest } from './read-token.ts';
import { refusedBySts } from './refusal.ts';

/** Credentials of a role's session that AWS would know, and whose they are. */
export interface Principal {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** `arn:aws:iam::123456789012:role/name` */
  roleArn: string;
  /** for a Lambda function, its name */
  sessionName: string;
}

/** A request as the authenticator sends it on to STS. */
export interface Forwarded extends SignedRequest {
  region: string;
  /** names in lower case */
  headers: ReadonlyMap<string, string>;
  /** milliseconds since 1970, of X-Amz-Date */
  signedAt: number;
  signedHeaders: readonly string[];
}

/** How far ahead a signer's clock may be ("Signature not yet current … + 5 min."). */
const ahead = 5 * 60_000;

/** How old a signature may be, whatever X-Amz-Expires says ("Signature expired … - 15 min."). */
const behind = 15 * 60_000;

/**
 * STS in the place of STS: who signed this GetCallerIdentity.
 * @throws TokenRefused
 */
export function callSts(request: Forwarded, principals: readonly Principal[], now: number): Principal {
  const { parameters, region, signedAt } = request;
  if (parameters.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') throw refusedBySts('the algorithm is another one');
  if (parameters.get('Version') !== '2011-06-15') throw refusedBySts('there is no such version of the API');
  const [accessKeyId, ...scope] = (parameters.get('X-Amz-Credential') ?? '').split('/');
  const day = (parameters.get('X-Amz-Date') ?? '').slice(0, 8);
  if (scope.join('/') !== `${day}/${region}/sts/aws4_request`)
    throw refusedBySts('the credential is scoped to something else');
  if (!request.signedHeaders.includes('host')) throw refusedBySts('the host is not signed');
  const principal = principals.find((each) => each.accessKeyId === accessKeyId);
  if (!principal) throw refusedBySts('the access key is unknown');
  if (parameters.get('X-Amz-Security-Token') !== principal.sessionToken)
    throw refusedBySts('the session token is another one');
  if (presignedSignature(request, principal.secretAccessKey) !== parameters.get('X-Amz-Signature')) {
    throw refusedBySts('the signature does not match');
  }
  if (signedAt > now + ahead) throw refusedBySts('the signature is not yet current');
  if (signedAt < now - behind) throw refusedBySts('the signature has expired');
  return principal;
}
