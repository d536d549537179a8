import type { StatusCause } from '../api-error.ts';
import { quantity } from '../controllers/quantity.ts';
import { isRecord, type JsonRecord, listAt, recordAt, stringAt, textAt, valueAt } from '../json.ts';
import { label, nameProblems } from './metadata.ts';
import { duplicates, forbiddenValue, invalidValue, missingReference, requiredValue } from './problems.ts';
import {
  amountProblems,
  negative,
  notOneOf,
  portNameProblems,
  portNumberProblems,
  portProblems,
  protocols,
} from './values.ts';

function resourceProblems(container: JsonRecord, path: string): StatusCause[] {
  const limits = recordAt(container, 'resources', 'limits');
  const requests = recordAt(container, 'resources', 'requests');
  const tooMuch = Object.entries(requests).flatMap(([name, request]) => {
    const limit = limits[name];
    if (limit === undefined || quantity(request) <= quantity(limit)) return [];
    const detail = `must be less than or equal to ${name} limit of ${textAt(limit, '')}`;
    return [invalidValue(`${path}.resources.requests`, request, detail)];
  });
  return [
    ...amountProblems(`${path}.resources.limits`, limits),
    ...amountProblems(`${path}.resources.requests`, requests),
    ...tooMuch,
  ];
}

function portsProblems(container: JsonRecord, path: string): StatusCause[] {
  const ports = listAt(container, 'ports');
  const names = ports.map((port) => stringAt(port, 'name') || undefined);
  const each = ports.flatMap((port, index) => {
    const at = `${path}.ports[${index}]`;
    const number = valueAt(port, 'containerPort');
    const hostPort = valueAt(port, 'hostPort') ?? 0;
    return [
      ...portNameProblems(`${at}.name`, names[index] ?? 'unnamed'),
      ...(number === 0 ? [requiredValue(`${at}.containerPort`)] : portNumberProblems(`${at}.containerPort`, number)),
      ...(hostPort === 0 ? [] : portNumberProblems(`${at}.hostPort`, hostPort)),
      ...notOneOf(`${at}.protocol`, valueAt(port, 'protocol'), protocols),
    ];
  });
  return [...each, ...duplicates(names, (index) => `${path}.ports[${index}].name`)];
}

const sources = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];
const sourceDetail =
  'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
const nameDetail = "a valid environment variable name must consist only of printable ASCII characters other than '='";

function environmentProblems(container: JsonRecord, path: string): StatusCause[] {
  const variables = listAt(container, 'env').flatMap((variable, index) => {
    const at = `${path}.env[${index}]`;
    const name = stringAt(variable, 'name') ?? '';
    const from = valueAt(variable, 'valueFrom');
    const named = /^[ -<>-~]+$/.test(name) ? [] : [invalidValue(`${at}.name`, name, nameDetail)];
    const given = isRecord(from) ? sources.filter((source) => from[source] !== undefined).length : 1;
    const isBoth = isRecord(from) && (stringAt(variable, 'value') ?? '') !== '';
    return [
      ...(name === '' ? [requiredValue(`${at}.name`)] : named),
      ...(given === 0 ? [invalidValue(`${at}.valueFrom`, '', sourceDetail)] : []),
      ...(given > 1
        ? [invalidValue(`${at}.valueFrom`, '', 'may not have more than one field specified at a time')]
        : []),
      ...(isBoth ? [invalidValue(`${at}.valueFrom`, '', 'may not be specified when `value` is not empty')] : []),
    ];
  });
  const wholes = listAt(container, 'envFrom').flatMap((from) =>
    valueAt(from, 'configMapRef') === undefined && valueAt(from, 'secretRef') === undefined
      ? [invalidValue(`${path}.envFrom`, '', 'must specify one of: `configMapRef` or `secretRef`')]
      : [],
  );
  return [...variables, ...wholes];
}

function mountProblems(container: JsonRecord, path: string, volumes: ReadonlySet<string>): StatusCause[] {
  const mounts = listAt(container, 'volumeMounts');
  const paths = mounts.map((mount) => stringAt(mount, 'mountPath'));
  return mounts.flatMap((mount, index) => {
    const at = `${path}.volumeMounts[${index}]`;
    const volume = stringAt(mount, 'name') ?? '';
    const isRepeated = paths[index] !== undefined && paths.indexOf(paths[index]) < index;
    return [
      ...(volumes.has(volume) ? [] : [missingReference(`${at}.name`, volume)]),
      ...(isRepeated ? [invalidValue(`${at}.mountPath`, paths[index], 'must be unique')] : []),
    ];
  });
}

const actions = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'];

/** What a probe or a hook does must be said, and be one thing. */
function actionProblems(handler: JsonRecord, at: string): StatusCause[] {
  const given = actions.filter((action) => handler[action] !== undefined);
  if (given.length === 0) return [requiredValue(at, 'must specify a handler type')];
  const extra = given
    .slice(1)
    .map((action) => forbiddenValue(`${at}.${action}`, 'may not specify more than 1 handler type'));
  const ports = ['httpGet', 'tcpSocket']
    .filter((action) => handler[action] !== undefined)
    .flatMap((action) => portProblems(`${at}.${action}.port`, valueAt(handler, action, 'port')));
  return [...extra, ...ports];
}

const timings = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'];

function probeProblems(container: JsonRecord, path: string): StatusCause[] {
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((name) => {
    const probe = container[name];
    const at = `${path}.${name}`;
    if (!isRecord(probe)) return [];
    const successes = probe['successThreshold'];
    const isOne = name === 'readinessProbe' || successes === undefined || successes === 1;
    return [
      ...actionProblems(probe, at),
      ...timings.flatMap((timing) => negative(`${at}.${timing}`, probe[timing])),
      ...(isOne ? [] : [invalidValue(`${at}.successThreshold`, successes, 'must be 1')]),
    ];
  });
  const hooks = Object.entries(recordAt(container, 'lifecycle')).flatMap(([name, hook]) =>
    isRecord(hook) ? actionProblems(hook, `${path}.lifecycle.${name}`) : [],
  );
  return [...probes, ...hooks];
}

/** What is wrong with a container. */
export function containerProblems(container: JsonRecord, path: string, volumes: ReadonlySet<string>): StatusCause[] {
  const name = stringAt(container, 'name') ?? '';
  return [
    ...(name === '' ? [requiredValue(`${path}.name`)] : nameProblems(label, name, `${path}.name`)),
    ...((stringAt(container, 'image') ?? '') === '' ? [requiredValue(`${path}.image`)] : []),
    ...notOneOf(`${path}.imagePullPolicy`, container['imagePullPolicy'], ['Always', 'IfNotPresent', 'Never']),
    ...portsProblems(container, path),
    ...environmentProblems(container, path),
    ...resourceProblems(container, path),
    ...mountProblems(container, path, volumes),
    ...probeProblems(container, path),
  ];
}
