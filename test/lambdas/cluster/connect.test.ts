import { EKSClient } from '@aws-sdk/client-eks';
import { expect, it } from 'vitest';
import { eksClusters } from '../../../lambdas/cluster/connect.ts';
import { failureOf } from '../../../lambdas/domain/caught-failure.ts';

it('names a cluster that was taken out of the configuration, without asking for it', () => {
  const connect = eksClusters(new EKSClient({ region: 'eu-central-1' }), () => Promise.resolve('token'), ['main']);
  expect(() => connect('former')).toThrow('cluster "former" is not configured');
  expect(connect('main')).toBe(connect('main'));
});

it('is a failure of its own', () => {
  const cause = JSON.stringify({ errorMessage: 'cluster "former" is not configured' });
  expect(failureOf({ Error: 'ClusterUnknown', Cause: cause }).reason).toEqual({
    code: 'ClusterUnknown',
    message: 'cluster "former" is not configured',
  });
});
