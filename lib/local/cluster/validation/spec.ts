import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { StatusCause } from '../api-error.ts';
import { isRecord, listAt, recordAt, stringAt, valueAt } from '../json.ts';
import { labelProblems } from './metadata.ts';
import { podSpecProblems } from './pod-spec.ts';
import { invalidValue, requiredValue, unsupportedValue } from './problems.ts';

type Check = (object: KubernetesObject) => StatusCause[];

function notNegative(...path: string[]): Check {
  return (object) => {
    const value = valueAt(object, ...path);
    const isNegative = typeof value === 'number' && value < 0;
    return isNegative ? [invalidValue(path.join('.'), value, 'must be greater than or equal to 0')] : [];
  };
}

/** The pods of a controller must be those it looks for. */
const selectorFits: Check = (object) => {
  const labels = recordAt(object, 'spec', 'template', 'metadata', 'labels');
  const wanted = recordAt(object, 'spec', 'selector', 'matchLabels');
  const isEmpty =
    Object.keys(wanted).length === 0 && listAt(object, 'spec', 'selector', 'matchExpressions').length === 0;
  if (isEmpty) {
    const detail = 'empty selector is invalid for ' + object.kind.toLowerCase();
    const selector = valueAt(object, 'spec', 'selector');
    return selector === undefined ? [] : [invalidValue('spec.selector', selector, detail)];
  }
  const isMatch = Object.entries(wanted).every(([key, value]) => labels[key] === value);
  const detail = '`selector` does not match template `labels`';
  return isMatch ? [] : [invalidValue('spec.template.metadata.labels', labels, detail)];
};

const templateAt =
  (...path: string[]): Check =>
  (object) => {
    const template = recordAt(object, ...path);
    const at = path.join('.');
    // A StatefulSet's pods get a volume for each of its claim templates.
    const claims = listAt(object, 'spec', 'volumeClaimTemplates').map((claim) => stringAt(claim, 'metadata', 'name'));
    return [
      ...labelProblems(recordAt(template, 'metadata', 'labels'), `${at}.metadata.labels`),
      ...(isRecord(template['spec']) ? podSpecProblems(template['spec'], `${at}.spec`, claims) : []),
    ];
  };

const restartsAlways: Check = (object) => {
  const policy = stringAt(object, 'spec', 'template', 'spec', 'restartPolicy');
  if (policy === undefined || policy === 'Always') return [];
  return [unsupportedValue('spec.template.spec.restartPolicy', policy, ['Always'])];
};

const restartsNever =
  (...path: string[]): Check =>
  (object) => {
    const policy = stringAt(object, ...path, 'restartPolicy');
    if (policy === 'OnFailure' || policy === 'Never') return [];
    return [requiredValue(`${path.join('.')}.restartPolicy`, 'valid values: "OnFailure", "Never"')];
  };

const servicePorts: Check = (object) => {
  const ports = listAt(object, 'spec', 'ports');
  const isHeadless = valueAt(object, 'spec', 'clusterIP') === 'None';
  const isExternal = valueAt(object, 'spec', 'type') === 'ExternalName';
  if (ports.length === 0) return isHeadless || isExternal ? [] : [requiredValue('spec.ports')];
  return ports.flatMap((port, index) => {
    const number = valueAt(port, 'port');
    const isPort = typeof number === 'number' && number >= 1 && number <= 65_535;
    const range = isPort
      ? []
      : [invalidValue(`spec.ports[${index}].port`, number, 'must be between 1 and 65535, inclusive')];
    const unnamed =
      ports.length > 1 && stringAt(port, 'name') === undefined ? [requiredValue(`spec.ports[${index}].name`)] : [];
    return [...range, ...unnamed];
  });
};

const claimSpec =
  (spec: (object: KubernetesObject) => unknown, at: string): Check =>
  (object) => [
    ...(listAt(spec(object), 'accessModes').length === 0
      ? [requiredValue(`${at}.accessModes`, 'at least 1 access mode is required')]
      : []),
    ...(valueAt(spec(object), 'resources', 'requests', 'storage') === undefined
      ? [requiredValue(`${at}.resources[storage]`)]
      : []),
  ];

const schedule: Check = (object) => {
  const text = stringAt(object, 'spec', 'schedule') ?? '';
  const isSchedule =
    /^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every .+)$/.test(text) ||
    text.trim().split(/\s+/).length === 5;
  if (isSchedule || text === '') return text === '' ? [requiredValue('spec.schedule')] : [];
  const detail = `expected exactly 5 fields, found ${text.trim().split(/\s+/).length}: [${text}]`;
  return [invalidValue('spec.schedule', text, detail)];
};

const replicaBounds: Check = (object) => {
  const max = Number(valueAt(object, 'spec', 'maxReplicas') ?? 0);
  const min = Number(valueAt(object, 'spec', 'minReplicas') ?? 1);
  if (max < 1) return [invalidValue('spec.maxReplicas', max, 'must be greater than 0')];
  return max < min ? [invalidValue('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`')] : [];
};

const dataKeys: Check = (object) =>
  ['data', 'binaryData'].flatMap((field) =>
    Object.keys(recordAt(object, field))
      .filter((key) => !/^[-._a-zA-Z0-9]{1,253}$/.test(key))
      .map((key) =>
        invalidValue(
          `${field}[${key}]`,
          key,
          `a valid config key must consist of alphanumeric characters, '-', '_' or '.'`,
        ),
      ),
  );

const workload = [notNegative('spec', 'replicas'), selectorFits, templateAt('spec', 'template'), restartsAlways];

const checks: Record<string, readonly Check[]> = {
  Pod: [(pod) => podSpecProblems(recordAt(pod, 'spec'), 'spec')],
  Deployment: workload,
  ReplicaSet: workload,
  StatefulSet: workload,
  DaemonSet: workload,
  Job: [
    notNegative('spec', 'backoffLimit'),
    notNegative('spec', 'completions'),
    templateAt('spec', 'template'),
    restartsNever('spec', 'template', 'spec'),
  ],
  CronJob: [
    schedule,
    templateAt('spec', 'jobTemplate', 'spec', 'template'),
    restartsNever('spec', 'jobTemplate', 'spec', 'template', 'spec'),
  ],
  Service: [servicePorts],
  PersistentVolumeClaim: [claimSpec((object) => object['spec'], 'spec')],
  HorizontalPodAutoscaler: [replicaBounds],
  ConfigMap: [dataKeys],
  Secret: [dataKeys],
};

/** What is wrong with what an object asks for, beyond the types of its fields. */
export const specProblems = (object: KubernetesObject): StatusCause[] =>
  (checks[object.kind] ?? []).flatMap((check) => check(object));
