import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { Control } from '../controllers/control.ts';
import type { Container, Pod, Variable, Volume } from '../controllers/pod-view.ts';
import { recordAt } from '../json.ts';

type Source = Pick<Control, 'storage' | 'kinds'>;

export interface Setting {
  name: string;
  value: string;
  /** it comes out of a Secret, or is named as one: never shown */
  isSecret: boolean;
  /** `Secret/db` or `ConfigMap/web`, where it comes from one */
  from?: string;
}

const secretName = /passw|secret|token|credential|private|api_?key/i;
const hidden = '••••••';

/** A setting's value as people may see it: secrets are hidden, and so are passwords inside addresses. */
export const shownValue = ({ value, isSecret }: Setting): string =>
  isSecret ? hidden : value.replace(/(:\/\/[^:/@\s]*):[^@/\s]+@/g, `$1:${hidden}@`);

export interface Configuration {
  settings: Setting[];
  /** what keeps the container from being created, in the kubelet's words */
  problem?: string;
}

type Lookup = { object: KubernetesObject; keys: Record<string, unknown> } | undefined;

const configMap = ({ storage, kinds }: Source, namespace: string, name: string): Lookup => {
  const object = storage.get(kinds.configMap, namespace, name);
  return object && { object, keys: { ...recordAt(object, 'data'), ...recordAt(object, 'binaryData') } };
};

const secret = ({ storage, kinds }: Source, namespace: string, name: string): Lookup => {
  const object = storage.get(kinds.secret, namespace, name);
  return object && { object, keys: { ...recordAt(object, 'data'), ...recordAt(object, 'stringData') } };
};

/** A pod's container's environment variables, or the first reason why they can't be made. */
export function configurationOf(source: Source, pod: Pod, container: Container): Configuration {
  const settings = new Map<string, Setting>();
  const set = (name: string, value: unknown, isFromSecret: boolean, from?: string): void => {
    const isSecret = isFromSecret || secretName.test(name);
    const shown = isSecret || typeof value !== 'string' ? '' : value;
    settings.set(name, { name, value: shown, isSecret, ...(from === undefined ? {} : { from }) });
  };
  const { namespace } = pod.metadata;
  for (const { prefix, configMapRef, secretRef } of container.envFrom) {
    const reference = configMapRef ?? secretRef;
    if (!reference) continue;
    const isSecret = !configMapRef;
    const found = (isSecret ? secret : configMap)(source, namespace, reference.name);
    if (found === undefined && !reference.optional)
      return { settings: [...settings.values()], problem: notFound(isSecret, reference.name) };
    for (const [key, value] of Object.entries(found?.keys ?? {}))
      set(`${prefix}${key}`, value, isSecret, sourceName(isSecret, reference.name));
  }
  for (const variable of container.env) {
    const found = valueOf(source, pod, variable);
    if ('problem' in found) return { settings: [...settings.values()], problem: found.problem };
    if (found.value !== undefined) set(variable.name, expanded(found.value, settings), found.isSecret, found.from);
  }
  return { settings: [...settings.values()] };
}

const notFound = (isSecret: boolean, name: string): string =>
  `${isSecret ? 'secret' : 'configmap'} "${name}" not found`;

const sourceName = (isSecret: boolean, name: string): string => `${isSecret ? 'Secret' : 'ConfigMap'}/${name}`;

/** `$(NAME)` of a variable set before. */
const expanded = (value: string, settings: ReadonlyMap<string, Setting>): string =>
  value.replace(/\$\(([\w.-]+)\)/g, (whole, name: string) => {
    const setting = settings.get(name);
    if (setting === undefined) return whole;
    return setting.isSecret ? hidden : setting.value;
  });

function valueOf(
  source: Source,
  pod: Pod,
  { value, valueFrom }: Variable,
): { value: string | undefined; isSecret: boolean; from?: string } | { problem: string } {
  if (!valueFrom) return { value, isSecret: false };
  const { configMapKeyRef, secretKeyRef, fieldRef } = valueFrom;
  const reference = configMapKeyRef ?? secretKeyRef;
  if (!reference) return { value: fieldRef ? fieldOf(pod, fieldRef.fieldPath) : '', isSecret: false };
  const isSecret = !configMapKeyRef;
  const { namespace } = pod.metadata;
  const found = (isSecret ? secret : configMap)(source, namespace, reference.name);
  const held = found?.keys[reference.key];
  if (typeof held === 'string') return { value: held, isSecret, from: sourceName(isSecret, reference.name) };
  if (reference.optional) return { value: undefined, isSecret };
  if (found === undefined) return { problem: notFound(isSecret, reference.name) };
  const kind = isSecret ? 'Secret' : 'ConfigMap';
  return { problem: `couldn't find key ${reference.key} in ${kind} ${namespace}/${reference.name}` };
}

/** The fields of a pod that an environment variable can name. */
function fieldOf({ metadata, spec, status }: Pod, path: string): string {
  const key = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (key?.[1] === 'labels') return metadata.labels[key[2] ?? ''] ?? '';
  if (key?.[1] === 'annotations') return metadata.annotations[key[2] ?? ''] ?? '';
  const fields: Record<string, string> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': spec.nodeName ?? '',
    'status.podIP': status.podIP ?? '',
  };
  return fields[path] ?? '';
}

/** The volumes that can't be mounted, with the reason in the kubelet's words. */
export function unmountable(source: Source, pod: Pod): string[] {
  const { namespace } = pod.metadata;
  return pod.spec.volumes.flatMap((volume) =>
    sourcesOf(volume)
      .filter(({ isOptional }) => !isOptional)
      .filter(({ isSecret, name }) => (isSecret ? secret : configMap)(source, namespace, name) === undefined)
      .map(
        ({ isSecret, name }) => `MountVolume.SetUp failed for volume "${volume.name}" : ${notFound(isSecret, name)}`,
      ),
  );
}

interface VolumeSource {
  name: string;
  isSecret: boolean;
  isOptional: boolean;
}

function sourcesOf({ configMap, secret, projected }: Volume): VolumeSource[] {
  const of = (source: { name: string; optional: boolean } | null | undefined, isSecret: boolean): VolumeSource[] =>
    source ? [{ name: source.name, isSecret, isOptional: source.optional }] : [];
  return [
    ...of(configMap, false),
    ...of(secret && { name: secret.secretName, optional: secret.optional }, true),
    ...(projected?.sources ?? []).flatMap((part) => [...of(part.configMap, false), ...of(part.secret, true)]),
  ];
}
