import { describe, expect, it } from 'vitest';
import { hookKey, hooksOf } from '../../../lambdas/cluster/hook-order.ts';
import { installTiers, splitByQuota } from '../../../lambdas/cluster/install-order.ts';
import { aHook, aJob } from '../../support/deploys.ts';
import { anObject } from '../../support/views.ts';

const kindsOf = (...kinds: string[]) =>
  installTiers(kinds.map((kind) => anObject('v1', kind))).map((tier) => tier.map(({ kind }) => kind));

describe('objects', () => {
  it('are installed definitions first, what is needed before what needs it, interceptors last', () => {
    expect(
      kindsOf(
        'ValidatingWebhookConfiguration',
        'Widget',
        'Ingress',
        'Deployment',
        'RoleBinding',
        'Role',
        'Secret',
        'CustomResourceDefinition',
      ),
    ).toEqual([
      ['CustomResourceDefinition'],
      ['Role', 'Secret'],
      ['RoleBinding'],
      ['Deployment'],
      ['Ingress'],
      ['Widget'],
      ['ValidatingWebhookConfiguration'],
    ]);
  });

  it('wait for the quota where they are counted by it, or make what is', () => {
    const kinds = ['Secret', 'PersistentVolumeClaim', 'Service', 'Pod', 'Role', 'Deployment', 'Widget', 'Ingress'];
    const [uncounted, rest] = splitByQuota(kinds.map((kind) => anObject('v1', kind)));
    expect(uncounted.map(({ kind }) => kind)).toEqual(['Secret', 'Service', 'Role']);
    expect(rest.map(({ kind }) => kind)).toEqual(['PersistentVolumeClaim', 'Pod', 'Deployment', 'Widget', 'Ingress']);
  });

  it('of no tier come to none', () => {
    expect(installTiers([])).toEqual([]);
  });
});

describe('hooks', () => {
  it('run by weight, then kind, then name, and only in their phase', () => {
    const account = anObject('v1', 'ServiceAccount', { name: 'z' });
    const hooks = [
      aHook(aJob('b')),
      aHook(aJob('a')),
      aHook(account),
      aHook(aJob('late'), { weight: 10 }),
      aHook(aJob('early'), { weight: -1 }),
      aHook(aJob('other'), { phases: ['post-install'] }),
    ];
    const names = hooksOf(hooks, 'pre-install').map(({ object }) => object.metadata.name);
    expect(names).toEqual(['early', 'z', 'a', 'b', 'late']);
  });

  it('are remembered by phase, kind and name', () => {
    expect(hookKey('pre-upgrade', aHook(aJob('migrate')))).toBe('pre-upgrade:Job/migrate');
  });
});
