import { describe, expect, it } from 'vitest';
import { describeCluster } from '../../../../lib/local/eks/describe-cluster.ts';

const clusters = new Map([
  ['local', { endpoint: 'https://127.0.0.1:6443', certificateAuthority: 'PEM', version: '1.35' }],
  ['real', { endpoint: 'http://127.0.0.1:8001', version: '1.35' }],
]);

describe('DescribeCluster', () => {
  it('tells where a cluster is and whom to trust', () => {
    const { status, body } = describeCluster(clusters, 'GET', '/clusters/local');
    expect(status).toBe(200);
    expect(JSON.parse(body.toString()).cluster).toMatchObject({
      name: 'local',
      status: 'ACTIVE',
      endpoint: 'https://127.0.0.1:6443',
      certificateAuthority: { data: Buffer.from('PEM').toString('base64') },
    });
  });

  it('has no authority to name for a plain endpoint', () => {
    const { body } = describeCluster(clusters, 'GET', '/clusters/real');
    expect(JSON.parse(body.toString()).cluster.certificateAuthority).toEqual({ data: '' });
  });

  it.each([
    ['GET', '/clusters/other', 404, 'ResourceNotFoundException'],
    ['DELETE', '/clusters/local', 400, 'InvalidRequestException'],
    ['GET', '/clusters', 400, 'InvalidRequestException'],
  ])('refuses %s %s', (method, path, status, type) => {
    const answer = describeCluster(clusters, method, path);
    expect(answer.status).toBe(status);
    expect(answer.headers).toContainEqual(['x-amzn-errortype', type]);
  });
});
