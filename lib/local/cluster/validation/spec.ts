import type { StatusCause } from '../api-error.ts';
import { listAt, recordAt, stringAt, valueAt } from '../json.ts';
import type { Check } from './check.ts';
import { ingressRules, serviceChecks } from './network.ts';
import { invalidValue, requiredValue } from './problems.ts';
import { notOneOf, shareProblems } from './values.ts';
import { workloadChecks } from './workloads.ts';

const replicaBounds: Check = (object) => {
  const max = Number(valueAt(object, 'spec', 'maxReplicas') ?? 0);
  const min = Number(valueAt(object, 'spec', 'minReplicas') ?? 1);
  return [
    ...(min < 1 ? [invalidValue('spec.minReplicas', min, 'must be greater than or equal to 1')] : []),
    ...(max < 1 ? [invalidValue('spec.maxReplicas', max, 'must be greater than 0')] : []),
    ...(max < min ? [invalidValue('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`')] : []),
  ];
};

const metricSources: Record<string, string> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

const metrics: Check = (object) =>
  listAt(object, 'spec', 'metrics').flatMap((metric, index) => {
    const at = `spec.metrics[${index}]`;
    const type = stringAt(metric, 'type') ?? '';
    const source = metricSources[type];
    if (source === undefined) return notOneOf(`${at}.type`, type, Object.keys(metricSources));
    const detail = 'must populate information for the given metric source';
    return valueAt(metric, source) === undefined ? [requiredValue(`${at}.${source}`, detail)] : [];
  });

const disruptions: Check = (object) => {
  const [available, unavailable] = ['minAvailable', 'maxUnavailable'].map((name) => valueAt(object, 'spec', name));
  const detail = 'minAvailable and maxUnavailable cannot be both set';
  return [
    ...(available !== undefined && unavailable !== undefined ? [invalidValue('spec', object['spec'], detail)] : []),
    ...shareProblems('spec.minAvailable', available),
    ...shareProblems('spec.maxUnavailable', unavailable),
  ];
};

const keyDetail =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
/** bytes that the data of a ConfigMap or Secret may have altogether */
const dataLimit = 1024 * 1024;

const sizeOf = (value: unknown, encoding: 'utf8' | 'base64'): number => Buffer.byteLength(String(value), encoding);

const dataProblems =
  (encoding: 'utf8' | 'base64'): Check =>
  (object) => {
    const texts = Object.entries(recordAt(object, 'data'));
    const binaries = Object.entries(recordAt(object, 'binaryData'));
    const wrong = [...texts.map(([key]) => ['data', key]), ...binaries.map(([key]) => ['binaryData', key])].flatMap(
      ([field, key = '']) =>
        /^[-._a-zA-Z0-9]{1,253}$/.test(key) ? [] : [invalidValue(`${field}[${key}]`, key, keyDetail)],
    );
    const size =
      texts.reduce((sum, [, value]) => sum + sizeOf(value, encoding), 0) +
      binaries.reduce((sum, [, value]) => sum + sizeOf(value, 'base64'), 0);
    const message = `Too long: may not be more than ${dataLimit} bytes`;
    return size > dataLimit ? [...wrong, { reason: 'FieldValueTooLong', message, field: '[]' }] : wrong;
  };

/** What a Secret of such a type must hold. */
const secretKeys: Record<string, readonly string[]> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

const secretType: Check = (object) =>
  (secretKeys[stringAt(object, 'type') ?? ''] ?? [])
    .filter((key) => valueAt(object, 'data', key) === undefined)
    .map((key) => requiredValue(`data[${key}]`));

const roleRules: Check = (object) =>
  listAt(object, 'rules').flatMap((rule, index) => {
    const at = `rules[${index}]`;
    const isEmpty = (field: string): boolean => listAt(rule, field).length === 0;
    const verbs = isEmpty('verbs') ? [requiredValue(`${at}.verbs`, 'verbs must contain at least one value')] : [];
    if (!isEmpty('nonResourceURLs')) {
      const detail = 'namespaced rules cannot apply to non-resource URLs';
      const urls = listAt(rule, 'nonResourceURLs');
      return object.kind === 'Role' ? [...verbs, invalidValue(`${at}.nonResourceURLs`, urls, detail)] : verbs;
    }
    const group = 'resource rules must supply at least one api group';
    const resource = 'resource rules must supply at least one resource';
    return [
      ...verbs,
      ...(isEmpty('apiGroups') ? [requiredValue(`${at}.apiGroups`, group)] : []),
      ...(isEmpty('resources') ? [requiredValue(`${at}.resources`, resource)] : []),
    ];
  });

const bindingProblems: Check = (object) => {
  const kinds = object.kind === 'RoleBinding' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const subjects = listAt(object, 'subjects').flatMap((subject, index): StatusCause[] => {
    const at = `subjects[${index}]`;
    return [
      ...notOneOf(`${at}.kind`, valueAt(subject, 'kind'), ['ServiceAccount', 'User', 'Group']),
      ...((stringAt(subject, 'name') ?? '') === '' ? [requiredValue(`${at}.name`)] : []),
    ];
  });
  return [...notOneOf('roleRef.kind', valueAt(object, 'roleRef', 'kind'), kinds), ...subjects];
};

const policyTypes: Check = (object) =>
  listAt(object, 'spec', 'policyTypes').flatMap((type, index) =>
    notOneOf(`spec.policyTypes[${index}]`, type, ['Ingress', 'Egress']),
  );

const checks: Record<string, readonly Check[]> = {
  ...workloadChecks,
  Service: serviceChecks,
  Ingress: [ingressRules],
  NetworkPolicy: [policyTypes],
  HorizontalPodAutoscaler: [replicaBounds, metrics],
  PodDisruptionBudget: [disruptions],
  ConfigMap: [dataProblems('utf8')],
  Secret: [dataProblems('base64'), secretType],
  Role: [roleRules],
  ClusterRole: [roleRules],
  RoleBinding: [bindingProblems],
  ClusterRoleBinding: [bindingProblems],
};

/** What is wrong with what an object asks for, beyond the types of its fields. */
export const specProblems: Check = (object) => (checks[object.kind] ?? []).flatMap((check) => check(object));
