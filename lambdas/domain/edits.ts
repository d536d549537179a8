import type { Blueprint, Target } from './blueprint.ts';
import { setImageTag } from './image-tag.ts';
import { setAtPointer } from './json-pointer.ts';
import { describeObject, KubernetesObject } from './kubernetes-object.ts';
import { RenderFailed } from './render-failed.ts';
import type { Json, Values } from './staging.ts';
import { resolveInputs } from './values.ts';

/** A change of rendered objects; `from` names the input in messages. */
export type Edit =
  | { from: string; object: string; path: string; value: Json }
  | { from: string; image: string; tag: string };

/**
 * The edits that inputs and host come to. An input that the request leaves out has its default; `null` takes the
 * field away, or leaves an image's tag as the source has it.
 * @throws RenderFailed where an image's tag is none
 */
export function editsOf(blueprint: Blueprint, values: Values, host: string): Edit[] {
  const inputs = Object.entries(resolveInputs(blueprint, values)).flatMap(([name, value]) =>
    editsOfTargets(`input "${name}"`, value, blueprint.inputs[name]?.to ?? []),
  );
  return [...inputs, ...editsOfTargets('the host', host, blueprint.host)];
}

/** A tag as registries know it, or a digest. */
const imageTag = /^(\w[\w.-]{0,127}|sha256:[0-9a-f]{64})$/;

const editsOfTargets = (from: string, value: Json, targets: readonly Target[]): Edit[] =>
  targets.flatMap((target): Edit[] => {
    if ('values' in target) return [];
    if ('object' in target) return [{ from, object: target.object, path: target.path, value }];
    if (value === null) return [];
    if (typeof value !== 'string' || !imageTag.test(value)) throw new RenderFailed(`${from}: is no tag of an image`);
    return [{ from, image: target.imageTag, tag: value }];
  });

/**
 * The objects with all edits made; those handed in stay as they are.
 * @throws RenderFailed where an edit finds no object, no such place in it or no such image: it would do nothing
 */
export const applyEdits = (objects: readonly KubernetesObject[], edits: readonly Edit[]): readonly KubernetesObject[] =>
  edits.reduce((edited, edit) => ('image' in edit ? editImages(edited, edit) : editObject(edited, edit)), objects);

type ObjectEdit = Extract<Edit, { object: string }>;
type ImageEdit = Extract<Edit, { image: string }>;

/** As many names as a sentence holds. */
const namesShown = 12;

function editObject(objects: readonly KubernetesObject[], edit: ObjectEdit): readonly KubernetesObject[] {
  if (!objects.some((object) => describeObject(object) === edit.object)) {
    const names = objects.slice(0, namesShown).map(describeObject).join(', ');
    throw new RenderFailed(`${edit.object}: there is no such object for ${edit.from}; there are ${names || 'none'}`);
  }
  return objects.map((object) => (describeObject(object) === edit.object ? setField(object, edit) : object));
}

function setField(object: KubernetesObject, { from, path, value }: ObjectEdit): KubernetesObject {
  const result = setAtPointer(object, path, value);
  if ('missing' in result) {
    throw new RenderFailed(`${describeObject(object)}: there is no ${result.missing} for ${from}, which sets ${path}`);
  }
  const edited = KubernetesObject.safeParse(result.value);
  if (edited.success) return edited.data;
  throw new RenderFailed(`${describeObject(object)}: with ${path} set by ${from} it is no Kubernetes object any more`);
}

function editImages(objects: readonly KubernetesObject[], edit: ImageEdit): readonly KubernetesObject[] {
  const edited = objects.map((object) => setImageTag(object, edit.image, edit.tag));
  if (edited.some((object, index) => object !== objects[index])) return edited;
  throw new RenderFailed(`no container uses image "${edit.image}", whose tag ${edit.from} sets`);
}
