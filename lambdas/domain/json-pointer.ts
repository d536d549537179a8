import type { Json } from './staging.ts';

/**
 * Sets one place in a tree, named by a JSON pointer (RFC 6901), and answers the new tree; or the pointer of the first
 * step that isn't there. In a list a step is an index or the `name` of an element, `/containers/web/image`. The last
 * step may be new in an object. `null` removes. Where text stands, a number or boolean is written as text, since an
 * environment variable takes nothing else.
 */
export function setAtPointer(tree: unknown, pointer: string, value: Json): { value: unknown } | { missing: string } {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  try {
    return { value: setAt(tree, steps, value, '') };
  } catch (error) {
    if (error instanceof Missing) return { missing: error.pointer };
    throw error;
  }
}

class Missing extends Error {
  override readonly name = 'Missing';
  readonly pointer: string;
  constructor(pointer: string) {
    super(pointer);
    this.pointer = pointer;
  }
}

const isMap = (node: unknown): node is Record<string, unknown> =>
  typeof node === 'object' && node !== null && !Array.isArray(node);

function setAt(node: unknown, [step, ...rest]: readonly string[], value: Json, at: string): unknown {
  if (step === undefined) return typeof node === 'string' && isPlain(value) ? String(value) : value;
  const here = `${at}/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const isRemoval = rest.length === 0 && value === null;
  if (Array.isArray(node)) {
    const list: readonly unknown[] = node;
    const index = indexIn(list, step);
    if (index === undefined) throw new Missing(here);
    return isRemoval ? list.toSpliced(index, 1) : list.with(index, setAt(list[index], rest, value, here));
  }
  if (!isMap(node)) throw new Missing(here);
  if (isRemoval) return Object.fromEntries(Object.entries(node).filter(([key]) => key !== step));
  const child = Object.hasOwn(node, step) ? node[step] : undefined;
  if (child === undefined && rest.length > 0) throw new Missing(here);
  return { ...node, [step]: setAt(child, rest, value, here) };
}

const isPlain = (value: Json): value is number | boolean => typeof value === 'number' || typeof value === 'boolean';

function indexIn(list: readonly unknown[], step: string): number | undefined {
  const index = /^\d+$/.test(step)
    ? Number(step)
    : list.findIndex((element) => isMap(element) && element.name === step);
  return index >= 0 && index < list.length ? index : undefined;
}
