import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { parseConfig, readConfig } from '../../../lib/cloud/config.ts';

const read = (context: Record<string, unknown>) => readConfig(new App({ context }).node);
const least = { clusters: ['staging'], baseDomain: 'staging.example.com' };

describe('configuration', () => {
  it('needs clusters and a base domain, and has defaults for the rest', () => {
    expect(read(least)).toMatchObject({
      installation: 'berth',
      publicBaseUrl: 'https://staging.example.com',
      ingressNamespace: 'ingress-nginx',
      reservedConcurrency: 100,
      logRetentionDays: 90,
    });
  });

  it('reads what the command line gives as text', () => {
    const given = {
      clusters: 'one,two',
      sweepBrake: '7',
      logRetentionDays: '30',
      publicBaseUrl: 'http://x.localhost:80',
    };
    expect(read({ ...least, ...given })).toMatchObject({
      clusters: ['one', 'two'],
      sweepBrake: 7,
      logRetentionDays: 30,
      publicBaseUrl: 'http://x.localhost:80',
    });
  });

  it.each([
    ['clusters', { clusters: [] }],
    ['clusters', { clusters: 'one,two,one' }],
    ['baseDomain', { baseDomain: 'https://staging.example.com' }],
    ['baseDomain', { baseDomain: 'staging..example.com' }],
    ['installation', { installation: 'My Berth' }],
    ['installation', { installation: 'default' }],
    ['publicBaseUrl', { publicBaseUrl: 'staging.example.com' }],
    ['publicBaseUrl', { publicBaseUrl: 'https://example.com/staging' }],
    ['publicBaseUrl', { publicBaseUrl: 'https://example.com/?staging' }],
    ['publicBaseUrl', { publicBaseUrl: 'https://[::1]:8443' }],
    ['ingressNamespace', { ingressNamespace: 'Ingress_Nginx' }],
    ['logRetentionDays', { logRetentionDays: 8 }],
    ['reservedConcurrency', { reservedConcurrency: 'many' }],
    ['subnetIds', { subnetIds: 'vpc-1', securityGroupIds: 'sg-1' }],
    ['securityGroupIds', { subnetIds: 'subnet-1' }],
  ])('names %s where it is wrong', (key, context) => {
    expect(() => read({ ...least, ...context })).toThrow(key);
  });

  it('knows no key that it does not read, where another app gives it', () => {
    expect(() => parseConfig({ ...least, sweepBreak: 3 })).toThrow('sweepBreak');
  });

  it('names all that is wrong at once', () => {
    expect(() => read({ installation: '-' })).toThrow(/installation[\s\S]*clusters|clusters[\s\S]*installation/);
    expect(() => read({ installation: '-' })).toThrow('baseDomain');
    expect(() => read({ ...least, throttleRate: 'x', sweepBrake: 0 })).toThrow(
      'the configuration is wrong:\n  sweepBrake: must be more than 0\n  throttleRate: must be a number',
    );
  });
});
