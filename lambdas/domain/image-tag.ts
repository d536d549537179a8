import type { KubernetesObject } from './kubernetes-object.ts';

/** The image's name without tag and digest; a port belongs to the registry, not to the tag. */
export function imageName(image: string): string {
  const [withTag = image] = image.split('@', 1);
  const tagAt = withTag.indexOf(':', withTag.lastIndexOf('/') + 1);
  return tagAt === -1 ? withTag : withTag.slice(0, tagAt);
}

const isMap = (node: unknown): node is Record<string, unknown> =>
  typeof node === 'object' && node !== null && !Array.isArray(node);

/** Where pods are described: in a Pod, a PodTemplate, a CronJob, and in every kind that has a `spec.template`. */
const podSpecs = [
  ['spec'],
  ['template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  ['spec', 'template', 'spec'],
];

/**
 * The object with the tag set on every container and init container whose image has that name; the very same object
 * where there is none. A tag `sha256:…` is written as a digest.
 */
export function setImageTag(object: KubernetesObject, image: string, tag: string): KubernetesObject {
  const tagged = `${image}${tag.startsWith('sha256:') ? '@' : ':'}${tag}`;
  const retag = (container: unknown): unknown =>
    isMap(container) && typeof container.image === 'string' && imageName(container.image) === image
      ? { ...container, image: tagged }
      : container;
  const retagged = podSpecs.reduce<Record<string, unknown>>((edited, path) => changeAt(edited, path, retag), object);
  return retagged === object ? object : { ...object, ...retagged };
}

/** Changes the containers of the pod spec at that path; the same tree where nothing changes. */
function changeAt(
  node: Record<string, unknown>,
  [step, ...rest]: readonly string[],
  change: (container: unknown) => unknown,
): Record<string, unknown> {
  if (step === undefined) {
    return ['containers', 'initContainers'].reduce((spec, field) => changeList(spec, field, change), node);
  }
  const child = node[step];
  if (!isMap(child)) return node;
  const changed = changeAt(child, rest, change);
  return changed === child ? node : { ...node, [step]: changed };
}

function changeList(
  spec: Record<string, unknown>,
  field: string,
  change: (container: unknown) => unknown,
): Record<string, unknown> {
  const list: unknown = spec[field];
  if (!Array.isArray(list)) return spec;
  const changed: unknown[] = list.map(change);
  return changed.some((container, index) => container !== list[index]) ? { ...spec, [field]: changed } : spec;
}
