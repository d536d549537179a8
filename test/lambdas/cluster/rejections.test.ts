import { describe, expect, it } from 'vitest';
import { KubernetesError } from '../../../lambdas/cluster/errors.ts';
import { named, rejection } from '../../../lambdas/cluster/rejections.ts';
import { ApplyRejected, TeardownStuck } from '../../../lambdas/domain/health/failures.ts';
import { aConfigMap } from '../../support/deploys.ts';

const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'password' } };

describe('a refusal', () => {
  it('names the object, and the quota where that is what is used up', () => {
    const full = new KubernetesError(403, 'Forbidden', 'exceeded quota: objects, used: count/configmaps=5', []);
    expect(rejection(full, aConfigMap('settings'))).toMatchObject({
      name: 'QuotaExceeded',
      message: 'ConfigMap/settings: exceeded quota: objects, used: count/configmaps=5',
    });
  });

  it.each([
    'failed to create typed patch object (stg-a/password; /v1, Kind=Secret): .stringData.key: expected string, got &value.valueUnstructured{Value:271828}',
    'Secret "password" is invalid: data[key]: Invalid value: "271828": must be base64',
  ])('of a Secret quotes none of its values, nor does its cause', (message) => {
    const told = rejection(new KubernetesError(422, 'Invalid', message, []), secret);
    expect(told).toMatchObject({ name: 'ApplyRejected', message: expect.stringMatching(/^Secret\/password: .*(key)/) });
    expect((told as Error).message).not.toContain('271828');
    expect((told as Error).cause).toBeUndefined();
  });

  it('of a Secret’s field names the field', () => {
    const causes = [{ field: 'data[key]', reason: 'FieldValueInvalid', message: 'Invalid value: "271828"' }];
    const told = rejection(new KubernetesError(422, 'Invalid', 'is invalid', causes), secret);
    expect((told as Error).message).toBe('Secret/password: data[key]: FieldValueInvalid');
  });

  it('that nobody expected has a name all the same, and what is none passes', async () => {
    const refused = async () => Promise.reject(new KubernetesError(403, 'Forbidden', 'pods "a" is forbidden', []));
    await expect(named(TeardownStuck, 'stg-a', refused)).rejects.toMatchObject({
      name: 'TeardownStuck',
      message: 'Namespace/stg-a: pods "a" is forbidden',
    });
    const broken = async () => Promise.reject(new TypeError('x is not a function'));
    await expect(named(ApplyRejected, 'stg-a', broken)).rejects.toBeInstanceOf(TypeError);
  });
});
