import {
  describeObject,
  type Hook,
  type HookPhase,
  hookPhases,
  type KubernetesObject,
  type Workload,
} from '../domain/kubernetes-object.ts';
import { RenderFailed } from '../domain/render-failed.ts';

const annotation = {
  hook: 'helm.sh/hook',
  weight: 'helm.sh/hook-weight',
  deletePolicy: 'helm.sh/hook-delete-policy',
} as const;

/** Tests are run by hand, and Berth never rolls back: it deploys the older values anew. */
const ignoredPhases = new Set(['test', 'test-success', 'test-failure', 'pre-rollback', 'post-rollback']);

const deletePolicies = ['before-hook-creation', 'hook-succeeded', 'hook-failed'] as const;

/**
 * Tells hooks from what stays, by Helm's annotations, whatever the source is. Hooks that only ever run in a test or a
 * rollback are left out.
 * @throws RenderFailed for a phase, weight or policy that doesn't exist: such a hook would never run, or at a wrong time
 */
export function splitHooks(objects: readonly KubernetesObject[]): Workload {
  const isHook = (object: KubernetesObject): boolean => annotationOf(object, annotation.hook) !== undefined;
  return {
    objects: objects.filter((object) => !isHook(object)),
    hooks: objects
      .filter(isHook)
      .map(toHook)
      .filter(({ phases }) => phases.length > 0),
  };
}

const annotationOf = (object: KubernetesObject, name: string): string | undefined =>
  object.metadata.annotations?.[name];

function toHook(object: KubernetesObject): Hook {
  const policies = words(annotationOf(object, annotation.deletePolicy) ?? '').map((word) => policyOf(object, word));
  return {
    object,
    phases: phasesOf(object),
    weight: weightOf(object),
    deletePolicies: policies.length > 0 ? policies : ['before-hook-creation'],
  };
}

const words = (list: string): string[] =>
  list
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== '');

function phasesOf(object: KubernetesObject): HookPhase[] {
  const phases = words(annotationOf(object, annotation.hook) ?? '');
  if (phases.length === 0) throw new RenderFailed(`${describeObject(object)}: ${annotation.hook} names no hook`);
  return phases.flatMap((word) => phaseOf(object, word));
}

function phaseOf(object: KubernetesObject, word: string): HookPhase[] {
  if (ignoredPhases.has(word)) return [];
  const phase = hookPhases.find((known) => known === word);
  if (!phase) throw new RenderFailed(`${describeObject(object)}: there is no hook "${word}"`);
  return [phase];
}

function policyOf(object: KubernetesObject, word: string): Hook['deletePolicies'][number] {
  const policy = deletePolicies.find((known) => known === word);
  if (!policy) throw new RenderFailed(`${describeObject(object)}: there is no hook delete policy "${word}"`);
  return policy;
}

function weightOf(object: KubernetesObject): number {
  const text = annotationOf(object, annotation.weight) ?? '0';
  if (!/^[+-]?\d{1,9}$/.test(text))
    throw new RenderFailed(`${describeObject(object)}: hook weight "${text}" is no number`);
  return Number(text);
}
