import { Cron } from 'croner';
import type { StatusCause } from '../api-error.ts';
import { quantity } from '../controllers/quantity.ts';
import { holds } from '../controllers/selector.ts';
import { isRecord, listAt, recordAt, stringAt, valueAt } from '../json.ts';
import type { Check } from './check.ts';
import { labelProblems } from './metadata.ts';
import { podSpecProblems } from './pod-spec.ts';
import { forbiddenValue, invalidValue, requiredValue, unsupportedValue } from './problems.ts';
import { negative, notOneOf, shareProblems } from './values.ts';

const notNegative =
  (...names: readonly string[]): Check =>
  (object) =>
    names.flatMap((name) => negative(`spec.${name}`, valueAt(object, 'spec', name)));

/** The pods of a controller must be those it looks for. */
const selectorFits: Check = (object) => {
  const labels = recordAt(object, 'spec', 'template', 'metadata', 'labels');
  const wanted = recordAt(object, 'spec', 'selector', 'matchLabels');
  const expressions = listAt(object, 'spec', 'selector', 'matchExpressions');
  if (Object.keys(wanted).length === 0 && expressions.length === 0) {
    const detail = 'empty selector is invalid for ' + object.kind.toLowerCase();
    const selector = valueAt(object, 'spec', 'selector');
    return selector === undefined ? [] : [invalidValue('spec.selector', selector, detail)];
  }
  const isHeld = (expression: unknown): boolean => {
    const values = listAt(expression, 'values').filter((value) => typeof value === 'string');
    const label = labels[stringAt(expression, 'key') ?? ''];
    return holds(stringAt(expression, 'operator') ?? '', typeof label === 'string' ? label : undefined, values);
  };
  const isMatch = Object.entries(wanted).every(([key, value]) => labels[key] === value) && expressions.every(isHeld);
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

/** How many pods a change may add and take at a time: not none of both. */
const rollingUpdate =
  (field: string): Check =>
  (object) => {
    const rolling = valueAt(object, 'spec', field, 'rollingUpdate');
    const at = `spec.${field}.rollingUpdate`;
    const [surge, unavailable] = ['maxSurge', 'maxUnavailable'].map((name) => valueAt(rolling, name));
    const isNone = (share: unknown): boolean => share === 0 || share === '0%';
    const detail = 'may not be 0 when `maxSurge` is 0';
    return [
      ...shareProblems(`${at}.maxSurge`, surge),
      ...shareProblems(`${at}.maxUnavailable`, unavailable),
      ...(isNone(surge) && isNone(unavailable) ? [invalidValue(`${at}.maxUnavailable`, unavailable, detail)] : []),
    ];
  };

const deploymentStrategy: Check = (object) => {
  const strategy = recordAt(object, 'spec', 'strategy');
  const { type } = strategy;
  if (type === 'Recreate' && strategy['rollingUpdate'] !== undefined) {
    const detail = "may not be specified when strategy `type` is 'Recreate'";
    return [forbiddenValue('spec.strategy.rollingUpdate', detail)];
  }
  return [...notOneOf('spec.strategy', type, ['Recreate', 'RollingUpdate']), ...rollingUpdate('strategy')(object)];
};

const deadline: Check = (object) => {
  const seconds = valueAt(object, 'spec', 'progressDeadlineSeconds');
  const ready = Number(valueAt(object, 'spec', 'minReadySeconds') ?? 0);
  const isLater = seconds === undefined || Number(seconds) > ready;
  return isLater ? [] : [invalidValue('spec.progressDeadlineSeconds', seconds, 'must be greater than minReadySeconds')];
};

/** What is wrong with the spec of a claim, or of a template for claims. */
export function claimProblems(spec: unknown, at: string): StatusCause[] {
  const modes = listAt(spec, 'accessModes');
  const known = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
  const size = valueAt(spec, 'resources', 'requests', 'storage');
  const isPositive = size === undefined || quantity(size) > 0;
  return [
    ...(modes.length === 0 ? [requiredValue(`${at}.accessModes`, 'at least 1 access mode is required')] : []),
    ...modes.flatMap((mode) => notOneOf(`${at}.accessModes`, mode, known)),
    ...notOneOf(`${at}.volumeMode`, valueAt(spec, 'volumeMode'), ['Block', 'Filesystem']),
    ...(size === undefined ? [requiredValue(`${at}.resources[storage]`)] : []),
    ...(isPositive ? [] : [invalidValue(`${at}.resources[storage]`, size, 'must be greater than zero')]),
  ];
}

const statefulSet: Check = (object) => {
  const spec = recordAt(object, 'spec');
  const [policy, type] = [spec['podManagementPolicy'], valueAt(spec, 'updateStrategy', 'type')];
  const isPolicy = policy === undefined || policy === 'OrderedReady' || policy === 'Parallel';
  const isType = type === undefined || type === 'RollingUpdate' || type === 'OnDelete';
  const partition = valueAt(spec, 'updateStrategy', 'rollingUpdate', 'partition');
  return [
    ...(isPolicy ? [] : [invalidValue('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'")]),
    ...(isType ? [] : [invalidValue('spec.updateStrategy', type, "must be 'RollingUpdate' or 'OnDelete'")]),
    ...negative('spec.updateStrategy.rollingUpdate.partition', partition),
    ...listAt(spec, 'volumeClaimTemplates').flatMap((claim, index) =>
      claimProblems(valueAt(claim, 'spec'), `spec.volumeClaimTemplates[${index}].spec`),
    ),
  ];
};

/** What a schedule of five fields is refused for, if anything; `@every` isn't one of them. */
function scheduleFault(text: string): string | undefined {
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(text)) return undefined;
  if (text.startsWith('@every '))
    return /^@every (\d+(\.\d+)?(h|m|s|ms))+$/.test(text) ? undefined : `failed to parse duration ${text}`;
  if (text.startsWith('@')) return `unrecognized descriptor: ${text}`;
  if (/^(CRON_)?TZ=/.test(text)) return 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
  const fields = text.trim().split(/\s+/).length;
  if (fields !== 5) return `expected exactly 5 fields, found ${fields}: [${text}]`;
  try {
    new Cron(text, { paused: true, mode: '5-part' }).stop();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'not a schedule';
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const schedule: Check = (object) => {
  const text = stringAt(object, 'spec', 'schedule') ?? '';
  const zone = stringAt(object, 'spec', 'timeZone');
  const fault = scheduleFault(text);
  return [
    ...(text === '' ? [requiredValue('spec.schedule')] : []),
    ...(text === '' || fault === undefined ? [] : [invalidValue('spec.schedule', text, fault)]),
    ...(zone === undefined || isTimeZone(zone)
      ? []
      : [invalidValue('spec.timeZone', zone, `unknown time zone ${zone}`)]),
    ...notOneOf('spec.concurrencyPolicy', valueAt(object, 'spec', 'concurrencyPolicy'), ['Allow', 'Forbid', 'Replace']),
  ];
};

const workload = [
  notNegative('replicas', 'minReadySeconds', 'revisionHistoryLimit'),
  selectorFits,
  templateAt('spec', 'template'),
  restartsAlways,
];

export const workloadChecks: Record<string, readonly Check[]> = {
  Pod: [
    (pod) => podSpecProblems(recordAt(pod, 'spec'), 'spec'),
    (pod) =>
      listAt(pod, 'spec', 'containers').flatMap((container, index) => {
        const image = stringAt(container, 'image') ?? '';
        const detail = 'must not have leading or trailing whitespace';
        return image === image.trim() ? [] : [invalidValue(`spec.containers[${index}].image`, image, detail)];
      }),
  ],
  Deployment: [...workload, deploymentStrategy, deadline],
  ReplicaSet: workload,
  StatefulSet: [...workload, statefulSet],
  DaemonSet: [...workload, rollingUpdate('updateStrategy')],
  Job: [
    notNegative('backoffLimit', 'completions', 'parallelism', 'activeDeadlineSeconds', 'ttlSecondsAfterFinished'),
    (job) => notOneOf('spec.completionMode', valueAt(job, 'spec', 'completionMode'), ['NonIndexed', 'Indexed']),
    templateAt('spec', 'template'),
    restartsNever('spec', 'template', 'spec'),
  ],
  CronJob: [
    schedule,
    notNegative('startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'),
    templateAt('spec', 'jobTemplate', 'spec', 'template'),
    restartsNever('spec', 'jobTemplate', 'spec', 'template', 'spec'),
  ],
  PersistentVolumeClaim: [(claim) => claimProblems(claim['spec'], 'spec')],
};
