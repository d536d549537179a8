import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { forbidden } from '../api-error.ts';
import { isRecord, type JsonRecord, listAt, recordAt, stringAt, valueAt } from '../json.ts';
import type { ObjectTable } from '../object-table.ts';
import type { ServedResources } from '../resources.ts';
import type { Admission } from '../write-context.ts';
import { containersOf, initContainersOf } from './pod-resources.ts';

type Check = (spec: JsonRecord, containers: readonly JsonRecord[]) => string | undefined;

const quoted = (names: readonly (string | undefined)[]): string => names.map((name) => JSON.stringify(name)).join(', ');
const nameOf = (container: unknown): string => stringAt(container, 'name') ?? '';
const plural = (list: readonly unknown[], word: string): string => (list.length === 1 ? word : `${word}s`);

/** A sentence on the containers that break a rule. */
function containersThat(breaks: (container: JsonRecord) => boolean, sentence: (which: string) => string): Check {
  return (_, containers) => {
    const found = containers.filter(breaks);
    if (found.length === 0) return undefined;
    return sentence(`${plural(found, 'container')} ${quoted(found.map(nameOf))}`);
  };
}

const hostNamespaces: Check = (spec) => {
  const found = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec[field] === true);
  return found.length === 0 ? undefined : `host namespaces (${found.map((field) => `${field}=true`).join(', ')})`;
};

const hostPaths: Check = (spec) => {
  const found = listAt(spec, 'volumes').filter((volume) => isRecord(valueAt(volume, 'hostPath')));
  return found.length === 0 ? undefined : `hostPath volumes (${plural(found, 'volume')} ${quoted(found.map(nameOf))})`;
};

const hostPorts: Check = (_, containers) => {
  const portsOf = (container: JsonRecord): unknown[] =>
    listAt(container, 'ports').flatMap((port) => valueAt(port, 'hostPort') || []);
  const found = containers.filter((container) => portsOf(container).length > 0);
  if (found.length === 0) return undefined;
  const ports = found.flatMap(portsOf);
  const uses = `${found.length === 1 ? 'uses' : 'use'} ${plural(ports, 'hostPort')} ${ports.join(', ')}`;
  return `hostPort (${plural(found, 'container')} ${quoted(found.map(nameOf))} ${uses})`;
};

const usualCapabilities = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const capabilities: Check = (_, containers) => {
  const unusual = (container: JsonRecord): unknown[] =>
    listAt(container, 'securityContext', 'capabilities', 'add').filter(
      (name) => typeof name !== 'string' || !usualCapabilities.has(name),
    );
  const found = containers.filter((container) => unusual(container).length > 0);
  if (found.length === 0) return undefined;
  const names = [...new Set(found.flatMap(unusual))].map((name) => JSON.stringify(name)).join(', ');
  const which = `${plural(found, 'container')} ${quoted(found.map(nameOf))}`;
  return `non-default capabilities (${which} must not include ${names} in securityContext.capabilities.add)`;
};

const isUnconfined = (holder: unknown): boolean =>
  valueAt(holder, 'securityContext', 'seccompProfile', 'type') === 'Unconfined';

const seccomp: Check = (spec, containers) => {
  const found = containers.filter(isUnconfined);
  if (!isUnconfined(spec) && found.length === 0) return undefined;
  const which = isUnconfined(spec) ? 'pod' : `${plural(found, 'container')} ${quoted(found.map(nameOf))}`;
  return `seccompProfile (${which} must not set securityContext.seccompProfile.type to "Unconfined")`;
};

const privileged = containersThat(
  (container) => valueAt(container, 'securityContext', 'privileged') === true,
  (which) => `privileged (${which} must not set securityContext.privileged=true)`,
);

const baseline: readonly Check[] = [hostNamespaces, privileged, capabilities, hostPaths, hostPorts, seccomp];

const inherited = (spec: JsonRecord, container: JsonRecord, field: string): unknown =>
  valueAt(container, 'securityContext', field) ?? valueAt(spec, 'securityContext', field);

const runsAsRoot: Check = (spec, containers) => {
  const found = containers.filter((container) => inherited(spec, container, 'runAsNonRoot') !== true);
  if (found.length === 0) return undefined;
  const which = `pod or ${plural(found, 'container')} ${quoted(found.map(nameOf))}`;
  return `runAsNonRoot != true (${which} must set securityContext.runAsNonRoot=true)`;
};

const noProfile: Check = (spec, containers) => {
  const allowed = new Set(['RuntimeDefault', 'Localhost']);
  const found = containers.filter((container) => {
    const type = valueAt(inherited(spec, container, 'seccompProfile'), 'type');
    return typeof type !== 'string' || !allowed.has(type);
  });
  if (found.length === 0) return undefined;
  const which = `pod or ${plural(found, 'container')} ${quoted(found.map(nameOf))}`;
  return `seccompProfile (${which} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`;
};

const restricted: readonly Check[] = [
  ...baseline,
  containersThat(
    (container) => valueAt(container, 'securityContext', 'allowPrivilegeEscalation') !== false,
    (which) => `allowPrivilegeEscalation != false (${which} must set securityContext.allowPrivilegeEscalation=false)`,
  ),
  containersThat(
    (container) => !listAt(container, 'securityContext', 'capabilities', 'drop').includes('ALL'),
    (which) => `unrestricted capabilities (${which} must set securityContext.capabilities.drop=["ALL"])`,
  ),
  runsAsRoot,
  noProfile,
];

const levels: Record<string, readonly Check[]> = { privileged: [], baseline, restricted };

/** Why a pod isn't allowed under a level, in the words of Pod Security admission; empty where it is. */
export function violations(pod: KubernetesObject, level: string): string[] {
  const spec = recordAt(pod, 'spec');
  const containers = [...initContainersOf(spec), ...containersOf(spec)];
  return (levels[level] ?? []).flatMap((check) => check(spec, containers) ?? []);
}

const labelName = 'pod-security.kubernetes.io/enforce';

/** Enforces the Pod Security level of a namespace on its pods. @throws ApiError 403 */
export function podSecurity(table: ObjectTable, resources: ServedResources): Admission {
  const namespaces = resources.builtIn('v1', 'Namespace');
  return {
    validate({ operation, resource, object, namespace = '', name, context }) {
      if (resource.group !== '' || resource.kind !== 'Pod' || object === undefined || operation === 'DELETE') return;
      if (context.subresource !== undefined) return;
      const labels = table.get(namespaces, undefined, namespace)?.object.metadata.labels ?? {};
      const level = labels[labelName] ?? 'privileged';
      const found = violations(object, level);
      if (found.length === 0) return;
      const version = labels[`${labelName}-version`] ?? 'latest';
      throw forbidden(resource, name, `violates PodSecurity "${level}:${version}": ${found.join(', ')}`);
    },
  };
}
