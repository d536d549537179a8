import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { StatusCause } from '../api-error.ts';
import type { ResourceType } from '../storage.ts';
import { forbiddenValue, invalidValue } from './problems.ts';

interface NameForm {
  pattern: RegExp;
  limit: number;
  detail: string;
}

export const subdomain: NameForm = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  limit: 253,
  detail: String.raw`a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
};

export const label: NameForm = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  limit: 63,
  detail: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
};

const serviceName: NameForm = {
  pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  limit: 63,
  detail: `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
};

/** Roles may be called almost anything. */
const pathSegment: NameForm = { pattern: /^(?!\.{1,2}$)[^/%]+$/, limit: 253, detail: `may not contain '/' or '%'` };

/** A CronJob leaves room for what its Jobs append. */
const cronJobName: NameForm = { ...subdomain, limit: 52 };

function formOf({ group, kind }: ResourceType): NameForm {
  if (group === 'rbac.authorization.k8s.io') return pathSegment;
  if (group === 'batch' && kind === 'CronJob') return cronJobName;
  if (group !== '') return subdomain;
  if (kind === 'Namespace') return label;
  return kind === 'Service' ? serviceName : subdomain;
}

/** What is wrong with a name, if anything. */
export function nameProblems(form: NameForm, name: string, field: string): StatusCause[] {
  if (name.length > form.limit) return [invalidValue(field, name, `must be no more than ${form.limit} characters`)];
  return form.pattern.test(name) ? [] : [invalidValue(field, name, form.detail)];
}

const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const qualifiedName = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

const labelDetail = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`;
const keyDetail = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`;

/** What is wrong with labels. */
export function labelProblems(labels: Record<string, unknown>, field: string): StatusCause[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    if (!qualifiedName.test(key)) return [invalidValue(field, key, keyDetail)];
    if (typeof value !== 'string' || !labelValue.test(value)) return [invalidValue(field, value, labelDetail)];
    return value.length > 63 ? [invalidValue(field, value, 'must be no more than 63 characters')] : [];
  });
}

const annotationLimit = 256 * 1024;

function annotationProblems(annotations: Record<string, string>): StatusCause[] {
  const field = 'metadata.annotations';
  const wrong = Object.keys(annotations).filter((key) => !qualifiedName.test(key.toLowerCase()));
  const size = Object.entries(annotations).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return [
    ...wrong.map((key) => invalidValue(field, key, keyDetail)),
    ...(size > annotationLimit
      ? [{ reason: 'FieldValueTooLong', message: `Too long: may not be more than ${annotationLimit} bytes`, field }]
      : []),
  ];
}

const standardFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** Finalizers are the server's own or have somebody's domain before them; what is on its way out gets no more of them. */
function finalizerProblems(metadata: Metadata, old: Metadata | undefined): StatusCause[] {
  const field = 'metadata.finalizers';
  const finalizers = metadata.finalizers ?? [];
  const wrong = finalizers.flatMap((name, index) => {
    if (!qualifiedName.test(name.toLowerCase())) return [invalidValue(field, name, keyDetail)];
    const detail = 'name is neither a standard finalizer name nor is it fully qualified';
    const isKnown = name.includes('/') || standardFinalizers.has(name);
    return isKnown ? [] : [invalidValue(`${field}[${index}]`, name, detail)];
  });
  if (old?.deletionTimestamp === undefined) return wrong;
  const added = finalizers.filter((name) => !(old.finalizers ?? []).includes(name));
  if (added.length === 0) return wrong;
  const rule = 'no new finalizers can be added if the object is being deleted, found new finalizers';
  return [...wrong, forbiddenValue(field, `${rule} []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`)];
}

type Metadata = KubernetesObject['metadata'];

/** What is wrong with an object's name, labels, annotations and finalizers. */
export function metadataProblems(
  resource: ResourceType,
  { metadata }: KubernetesObject,
  old?: KubernetesObject,
): StatusCause[] {
  return [
    ...nameProblems(formOf(resource), metadata.name ?? '', 'metadata.name'),
    ...labelProblems(metadata.labels ?? {}, 'metadata.labels'),
    ...annotationProblems(metadata.annotations ?? {}),
    ...finalizerProblems(metadata, old?.metadata),
  ];
}
