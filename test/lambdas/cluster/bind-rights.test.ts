import { describe, expect, it } from 'vitest';
import { ownBinding, whenFelt } from '../../../lambdas/cluster/bind-rights.ts';
import { KubernetesError } from '../../../lambdas/cluster/errors.ts';

const { signal } = new AbortController();

const missing = () =>
  new KubernetesError(403, 'Forbidden', 'secrets "a" is forbidden: User "x" cannot patch resource "secrets"', []);

/** Refuses so many times. */
function refusing(times: number, refusal: () => Error = missing) {
  const calls = { count: 0 };
  const act = async (): Promise<string> => {
    calls.count += 1;
    if (calls.count <= times) throw refusal();
    return 'done';
  };
  return { act, calls };
}

describe('a right that was bound just before', () => {
  it('is waited for', async () => {
    const { act, calls } = refusing(2);
    expect(await whenFelt(act, signal)).toBe('done');
    expect(calls.count).toBe(3);
  });

  it('is not waited for beyond its time, nor beyond the step’s', async () => {
    await expect(whenFelt(refusing(1000).act, signal, 120)).rejects.toThrow(/cannot patch resource/);
    await expect(whenFelt(refusing(1000).act, AbortSignal.abort())).rejects.toThrow(/cannot patch resource/);
  });

  it('is no reason to ask again where a policy says no', async () => {
    const byPolicy = () => new KubernetesError(403, 'Forbidden', 'ValidatingAdmissionPolicy denied request', []);
    const { act, calls } = refusing(1, byPolicy);
    await expect(whenFelt(act, signal)).rejects.toThrow(/denied request/);
    expect(calls.count).toBe(1);
  });
});

it('binds the role of the installation to its own group, marked as every write is', () => {
  expect(ownBinding({ staging: 'shop', namespace: 'stg-shop', generation: 3 }, 'qa')).toMatchObject({
    metadata: { namespace: 'stg-shop', annotations: { 'berth.dev/generation': '3' } },
    roleRef: { kind: 'ClusterRole', name: 'berth-qa:staging' },
    subjects: [{ kind: 'Group', name: 'berth-qa' }],
  });
});
