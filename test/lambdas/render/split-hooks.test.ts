import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import { splitHooks } from '../../../lambdas/render/split-hooks.ts';

const job = (annotations: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate', annotations },
});

describe('splitHooks', () => {
  it('tells hooks from what stays, with phases, weight and policies', () => {
    const hook = job({
      'helm.sh/hook': 'pre-upgrade, post-install',
      'helm.sh/hook-weight': '-5',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
    });
    expect(splitHooks([job(), hook])).toEqual({
      objects: [job()],
      hooks: [
        {
          object: hook,
          phases: ['pre-upgrade', 'post-install'],
          weight: -5,
          deletePolicies: ['before-hook-creation', 'hook-succeeded'],
        },
      ],
    });
  });

  it('has Helm’s defaults: weight 0, deleted before it is made again', () => {
    expect(splitHooks([job({ 'helm.sh/hook': 'pre-delete' })]).hooks).toMatchObject([
      { weight: 0, deletePolicies: ['before-hook-creation'] },
    ]);
  });

  it.each(['test', 'test-success', 'pre-rollback', 'test,post-rollback'])('leaves %s hooks out', (hook) => {
    expect(splitHooks([job({ 'helm.sh/hook': hook })])).toEqual({ objects: [], hooks: [] });
  });

  it('keeps the phases that run of a hook that is a test too', () => {
    expect(splitHooks([job({ 'helm.sh/hook': 'test,post-install' })]).hooks).toMatchObject([
      { phases: ['post-install'] },
    ]);
  });

  it.each([
    [{ 'helm.sh/hook': '' }, 'Job/migrate: helm.sh/hook names no hook'],
    [{ 'helm.sh/hook': ' , ' }, 'Job/migrate: helm.sh/hook names no hook'],
    [{ 'helm.sh/hook': 'pre-install,__proto__' }, 'Job/migrate: there is no hook "__proto__"'],
    ...['1e3', '0x10', '', ' 1', '1.5', 'NaN', '9999999999', '--1'].map((weight): [Record<string, string>, string] => [
      { 'helm.sh/hook': 'pre-install', 'helm.sh/hook-weight': weight },
      `Job/migrate: hook weight "${weight}" is no number`,
    ]),
    [{ 'helm.sh/hook': 'preinstall' }, 'Job/migrate: there is no hook "preinstall"'],
    [
      { 'helm.sh/hook': 'pre-install', 'helm.sh/hook-weight': 'first' },
      'Job/migrate: hook weight "first" is no number',
    ],
    [
      { 'helm.sh/hook': 'pre-install', 'helm.sh/hook-delete-policy': 'always' },
      'Job/migrate: there is no hook delete policy "always"',
    ],
  ])('refuses %j', (annotations, message) => {
    expect(() => splitHooks([job(annotations)])).toThrow(message);
  });
});
