import { describe, expect, it } from 'vitest';
import { eksTokens } from '../../../lambdas/cluster/token.ts';

const start = Date.parse('2026-03-01T12:00:00.000Z');
const minute = 60_000;
function tokens(region = 'eu-central-1') {
  let now = start;
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session/+=' };
  return {
    token: eksTokens({ credentials, region, now: () => now }),
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}
const urlOf = (token: string) => new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());

describe('a token for EKS', () => {
  it('is a presigned GetCallerIdentity that names the cluster in a signed header', async () => {
    const token = await tokens().token('main');
    expect(token).toMatch(/^k8s-aws-v1\.[A-Za-z0-9_-]+$/);
    const { host, searchParams } = urlOf(token);
    expect(host).toBe('sts.eu-central-1.amazonaws.com');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      Action: 'GetCallerIdentity',
      Version: '2011-06-15',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIDEXAMPLE/20260301/eu-central-1/sts/aws4_request',
      'X-Amz-Date': '20260301T120000Z',
      'X-Amz-Expires': '60',
      'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
      'X-Amz-Security-Token': 'session/+=',
    });
  });

  it('has the signature that AWS computes for it', async () => {
    // Computed by botocore's SigV4QueryAuth with these inputs.
    const signature = urlOf(await tokens().token('main')).searchParams.get('X-Amz-Signature');
    expect(signature).toBe('4b71f811047d5243bc8bc4b057a80bfa960526816450a4e8fbfadae4244b28f1');
  });

  it('is used again until a minute before its 14 minutes are over', async () => {
    const { token, pass } = tokens();
    const first = await token('main');
    pass(13 * minute - 1);
    expect(await token('main')).toBe(first);
    pass(1);
    expect(await token('main')).not.toBe(first);
  });

  it('is another one for another cluster', async () => {
    const { token } = tokens();
    expect(await token('main')).not.toBe(await token('other'));
  });

  it('is signed for the partition of its region', async () => {
    expect(urlOf(await tokens('cn-north-1').token('main')).host).toBe('sts.cn-north-1.amazonaws.com.cn');
  });
});
