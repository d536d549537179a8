import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { badRequest } from '../api-error.ts';
import { textAt } from '../json.ts';

export type Matches = (object: KubernetesObject) => boolean;

const labelName = String.raw`[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?`;
const setForm = new RegExp(String.raw`^(${labelName})\s+(in|notin)\s+\(([^()]*)\)$`);
const equalForm = new RegExp(String.raw`^(${labelName})\s*(=|==|!=)\s*([-A-Za-z0-9_.]*)$`);
const existsForm = new RegExp(String.raw`^(!?)\s*(${labelName})$`);

const labelOf = (object: KubernetesObject, key: string): string | undefined => object.metadata.labels?.[key];

function labelRequirement(text: string): Matches {
  const set = setForm.exec(text);
  if (set !== null) {
    const [, key = '', , operator, list = ''] = set;
    const values = new Set(list.split(',').map((value) => value.trim()));
    return (object) => {
      const value = labelOf(object, key);
      return operator === 'in' ? value !== undefined && values.has(value) : value === undefined || !values.has(value);
    };
  }
  const equal = equalForm.exec(text);
  if (equal !== null) {
    const [, key = '', , operator, value = ''] = equal;
    return (object) => (labelOf(object, key) === value) === (operator !== '!=');
  }
  const exists = existsForm.exec(text);
  if (exists === null) throw badRequest(`unable to parse requirement: ${text}`);
  const [, negation, key = ''] = exists;
  return (object) => (labelOf(object, key) === undefined) === (negation === '!');
}

/** Commas part requirements, but not the values inside of brackets. */
const requirements = (text: string): string[] =>
  text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** @throws ApiError 400 for a selector that isn't one */
export function labelSelector(text: string | null): Matches {
  const all = requirements(text ?? '').map(labelRequirement);
  return (object) => all.every((matches) => matches(object));
}

/** Fields that can be asked for by kind, beside name and namespace. */
const selectable: Record<string, readonly string[]> = {
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP',
  ],
  Event: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'type',
  ],
  Namespace: ['status.phase'],
  Secret: ['type'],
  Job: ['status.successful'],
  ReplicaSet: ['status.replicas'],
  Node: ['spec.unschedulable'],
};

function fieldRequirement(kind: string, text: string): Matches {
  const [, field = '', operator, value = ''] = /^([A-Za-z.]+)(==|=|!=)(.*)$/.exec(text) ?? [];
  if (field === '') throw badRequest(`invalid selector: '${text}'; can't understand '${text}'`);
  const isKnown =
    field === 'metadata.name' || field === 'metadata.namespace' || selectable[kind]?.includes(field) === true;
  if (!isKnown) throw badRequest(`field label not supported: ${field}`);
  const path = field.split('.');
  return (object) => (textAt(object, '', ...path) === value) === (operator !== '!=');
}

/** @throws ApiError 400 for fields the kind can't be selected by */
export function fieldSelector(kind: string, text: string | null): Matches {
  const all = requirements(text ?? '').map((part) => fieldRequirement(kind, part));
  return (object) => all.every((matches) => matches(object));
}
