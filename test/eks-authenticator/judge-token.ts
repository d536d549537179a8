import { callSts, type Principal } from './call-sts.ts';
import { readToken } from './read-token.ts';
import { badForm } from './refusal.ts';
import { type Partition, regionOfHost } from './sts-host.ts';

/** For whom tokens are judged. */
export interface Jury {
  /** the cluster's name */
  cluster: string;
  partition: Partition;
  /** whose credentials there are */
  principals: readonly Principal[];
  /** milliseconds since 1970 */
  now: () => number;
}

const clusterHeader = 'x-k8s-aws-id';

/** Seconds; what the signed URL says of itself, within which nobody holds it. */
const longestExpiry = 900;

/** From X-Amz-Date on. */
const lifetime = 15 * 60_000;

/**
 * Whose token it is, by the rules of EKS's authenticator and of the STS that it asks.
 * @throws TokenRefused
 */
export function judgeToken(token: string, { cluster, partition, principals, now }: Jury): Principal {
  const { host, parameters } = readToken(token);
  const region = regionOfHost(host, partition);
  const lower = new Map([...parameters].map(([name, value]) => [name.toLowerCase(), value]));
  if (lower.get('action') !== 'GetCallerIdentity') throw badForm('the action is another one');
  const signedHeaders = (lower.get('x-amz-signedheaders') ?? '').split(';');
  if (!signedHeaders.some((name) => name.toLowerCase() === clusterHeader))
    throw badForm(`${clusterHeader} is not signed`);
  const expires = lower.get('x-amz-expires') ?? '';
  if (!/^[+-]?\d+$/.test(expires) || Number(expires) < 0 || Number(expires) > longestExpiry) {
    throw badForm(`X-Amz-Expires is ${JSON.stringify(expires)}`);
  }
  const signedAt = instantOf(lower.get('x-amz-date') ?? '');
  if (now() > signedAt + lifetime) throw badForm('X-Amz-Date is older than 15 minutes');
  const headers = new Map([
    ['host', host],
    [clusterHeader, cluster],
    ['accept', 'application/json'],
  ]);
  return callSts({ host, parameters, region, headers, signedAt, signedHeaders }, principals, now());
}

/** Of `20260301T120000Z`. */
function instantOf(date: string): number {
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6.000Z');
  const instant = new Date(iso);
  if (Number.isNaN(instant.getTime()) || instant.toISOString() !== iso) {
    throw badForm(`X-Amz-Date is ${JSON.stringify(date)}`);
  }
  return instant.getTime();
}
