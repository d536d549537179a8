import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eksTokens } from '../../lambdas/cluster/token.ts';
import { type Jury, judgeToken } from './judge-token.ts';

const signedAt = Date.parse('2026-03-01T12:00:00.000Z');
const minute = 60_000;
const role = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'session/+==',
  roleArn: 'arn:aws:iam::123456789012:role/berth',
  sessionName: 'berth-cluster',
};
const { sessionToken: _, ...withoutSession } = role;

const tokenOf = (principal: typeof role | typeof withoutSession = role, region = 'eu-central-1', cluster = 'staging') =>
  eksTokens({ credentials: principal, region, now: () => signedAt })(cluster);

const judge = (token: string, fields: Partial<Jury> = {}) =>
  judgeToken(token, { cluster: 'staging', partition: 'aws', principals: [role], now: () => signedAt, ...fields });

const prefix = 'k8s-aws-v1.';
const urlOf = (token: string) => Buffer.from(token.slice(prefix.length), 'base64url').toString();
const toToken = (url: string) => prefix + Buffer.from(url).toString('base64url');
const url = urlOf(await tokenOf());

const refused = (stage: 'form' | 'sts', message: RegExp) =>
  expect.objectContaining({ name: 'TokenRefused', stage, message: expect.stringMatching(message) });

describe('Berth’s token', () => {
  it('is accepted for the cluster that it names', async () => {
    expect(judge(await tokenOf())).toBe(role);
  });

  it('is accepted without a session token from credentials that have none', async () => {
    expect(judge(await tokenOf(withoutSession), { principals: [withoutSession] })).toBe(withoutSession);
  });

  it.each(['eu-central-1', 'us-east-1', 'ap-southeast-4', 'us-gov-west-1', 'cn-north-1'])(
    'is accepted from %s',
    async (region) => {
      const partition = region.startsWith('cn') ? 'aws-cn' : region.startsWith('us-gov') ? 'aws-us-gov' : 'aws';
      expect(judge(await tokenOf(role, region), { partition })).toBe(role);
    },
  );

  it.each([0, 14 * minute, 15 * minute, -5 * minute])('is accepted %d ms after it was signed', async (age) => {
    expect(judge(await tokenOf(), { now: () => signedAt + age })).toBe(role);
  });

  it.each([15 * minute + 1, 20 * minute])('is refused %d ms after it was signed', async (age) => {
    const token = await tokenOf();
    expect(() => judge(token, { now: () => signedAt + age })).toThrow(refused('form', /older than 15 minutes/));
  });

  it('is refused from more than 5 minutes in the future', async () => {
    const token = await tokenOf();
    expect(() => judge(token, { now: () => signedAt - 5 * minute - 1 })).toThrow(refused('sts', /not yet current/));
  });

  it('is never handed out so old that it would be refused', async () => {
    let now = signedAt;
    const token = eksTokens({ credentials: role, region: 'eu-central-1', now: () => now });
    for (; now < signedAt + 60 * minute; now += minute / 4) {
      // A request that takes the token now may reach the API server half a minute later, by a clock that is half a minute ahead.
      expect(judge(await token('staging'), { now: () => now + minute })).toBe(role);
    }
  });

  it.each([
    ['names another cluster', {}, 'other', /signature does not match/],
    ['is signed with another secret', { secretAccessKey: 'guessed' }, 'staging', /signature does not match/],
    ['is signed by somebody unknown', { accessKeyId: 'AKIDOTHER' }, 'staging', /access key is unknown/],
    ['has another session’s token', { sessionToken: 'other' }, 'staging', /session token is another one/],
  ])('is refused where it %s', async (_name, fields, cluster, message) => {
    const token = await tokenOf({ ...role, ...fields }, 'eu-central-1', cluster);
    expect(() => judge(token)).toThrow(refused('sts', message));
  });

  it('is refused where it lacks the session token of its credentials', async () => {
    const token = await tokenOf(withoutSession);
    expect(() => judge(token)).toThrow(refused('sts', /session token is another one/));
  });

  it('is refused in another partition', async () => {
    const token = await tokenOf();
    expect(() => judge(token, { partition: 'aws-cn' })).toThrow(refused('form', /no host of STS in partition aws-cn/));
  });
});

describe('a token', () => {
  it.each([
    ['is longer than 4 KiB', `${toToken(url)}${'A'.repeat(4096)}`, /longer than 4096 bytes/],
    ['lacks the prefix', toToken(url).slice(prefix.length), /doesn't begin with k8s-aws-v1\./],
    ['has another version’s prefix', toToken(url).replace('v1', 'v2'), /doesn't begin with/],
    ['is padded', `${toToken(url)}=`, /no base64url/],
    ['is in the other base64 alphabet', `${toToken(url)}+/==`, /no base64url/],
    ['is garbage', `${prefix}!`, /no base64url/],
    ['holds garbage', toToken('garbage'), /holds no URL/],
    ['holds nothing', prefix, /holds no URL/],
    ['holds a line break', toToken(`${url}\n`), /control characters/],
    ['goes over http', toToken(url.replace('https:', 'http:')), /scheme is http/],
    ['goes elsewhere', toToken(url.replace('sts.eu-central-1.amazonaws.com', 'sts.evil.com')), /no host of STS/],
    ['goes to a domain that begins alike', toToken(url.replace('.com/', '.com.evil.org/')), /no host of STS/],
    ['goes to a port', toToken(url.replace('.com/', '.com:443/')), /no host of STS/],
    ['goes to a host in capitals', toToken(url.replace('sts.', 'STS.')), /no host of STS/],
    ['brings a user', toToken(url.replace('https://', 'https://me@')), /holds a user/],
    ['has another path', toToken(url.replace('/?', '/more?')), /path is "\/more"/],
    ['has no path', toToken(url.replace('/?', '?')), /path is ""/],
    ['has a parameter too many', toToken(`${url}&Policy=all`), /parameter "Policy" isn't permitted/],
    ['has a parameter twice', toToken(`${url}&Version=2011-06-15`), /parameter Version is there twice/],
    ['has a parameter twice, differently spelled', toToken(`${url}&action=X`), /parameter action is there twice/],
    ['has parameters between semicolons', toToken(url.replace('&', ';')), /semicolon/],
    ['is wrongly escaped', toToken(url.replace('%2F', '%2')), /wrongly escaped/],
    ['asks for another action', toToken(url.replace('GetCallerIdentity', 'AssumeRole')), /action is another one/],
    ['doesn’t sign the cluster’s name', toToken(url.replace('%3Bx-k8s-aws-id', '')), /x-k8s-aws-id is not signed/],
    ['has no expiry', toToken(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=')), /X-Amz-Expires is ""/],
    ['expires after an hour', toToken(url.replace('Expires=60', 'Expires=3600')), /X-Amz-Expires is "3600"/],
    ['has expired before', toToken(url.replace('Expires=60', 'Expires=-1')), /X-Amz-Expires is "-1"/],
    ['has no date', toToken(url.replace(/&X-Amz-Date=[^&]*/, '')), /X-Amz-Date is ""/],
    ['has a date in another form', toToken(url.replace('20260301T120000Z', '2026-03-01T12:00:00Z')), /X-Amz-Date is/],
    ['has a date that doesn’t exist', toToken(url.replace('20260301T120000Z', '20260231T120000Z')), /X-Amz-Date is/],
  ])('is refused where it %s', (_name, token, message) => {
    expect(() => judge(token)).toThrow(refused('form', message));
  });

  it.each([
    ['has a longer expiry than was signed', url.replace('Expires=60', 'Expires=900'), /signature does not match/],
    [
      'has a later date than was signed',
      url.replaceAll('20260301T120000Z', '20260301T120500Z'),
      /signature does not match/,
    ],
    ['is scoped to another day', url.replace('%2F20260301%2F', '%2F20260302%2F'), /scoped to something else/],
    ['is scoped to another region', url.replace('%2Feu-central-1%2F', '%2Feu-west-1%2F'), /scoped to something else/],
    ['is scoped to another service', url.replace('%2Fsts%2F', '%2Fs3%2F'), /scoped to something else/],
    ['goes to another region', url.replace('sts.eu-central-1', 'sts.eu-west-1'), /scoped to something else/],
    ['has another algorithm', url.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1'), /algorithm/],
    ['has another version', url.replace('2011-06-15', '2011-06-14'), /no such version/],
    ['doesn’t sign the host', url.replace('host%3B', ''), /host is not signed/],
    [
      'signs a header that isn’t sent',
      url.replace('host%3B', 'host%3Brange%3B'),
      /"range" is signed, and was not sent/,
    ],
    ['has no signature', url.replace(/&X-Amz-Signature=[^&]*/, ''), /signature does not match/],
    [
      'has an altered signature',
      url.replace(/Signature=(.)/, (_all, digit) => `Signature=${digit === '0' ? '1' : '0'}`),
      /signature does not match/,
    ],
  ])('is refused by STS where it %s', (_name, altered, message) => {
    expect(altered).not.toBe(url);
    expect(() => judge(toToken(altered))).toThrow(refused('sts', message));
  });

  it('is refused with any one character of its URL changed', () => {
    const request = (text: string) => {
      const { origin, pathname, searchParams } = new URL(text);
      return JSON.stringify([origin, pathname, [...searchParams].toSorted(([a], [b]) => (a < b ? -1 : 1))]);
    };
    const sameRequest = (text: string) => URL.canParse(text) && request(text) === request(url);
    fc.assert(
      fc.property(
        fc.nat(url.length - 1),
        fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }),
        (at, character) => {
          const altered = url.slice(0, at) + character + url.slice(at + 1);
          // `%2f` for `%2F` is the same request.
          fc.pre(!sameRequest(altered));
          expect(() => judge(toToken(altered))).toThrow(expect.objectContaining({ name: 'TokenRefused' }));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
