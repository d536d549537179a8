import type { Hook, HookPhase } from '../domain/kubernetes-object.ts';
import { compareKinds } from './install-order.ts';

const nameOf = ({ object }: Hook): string => object.metadata.name ?? '';

/** The hooks of one phase in the order in which they run: by weight, then kind, then name. */
export function hooksOf(hooks: readonly Hook[], phase: HookPhase): Hook[] {
  return hooks
    .filter((hook) => hook.phases.includes(phase))
    .toSorted(
      (a, b) =>
        a.weight - b.weight ||
        compareKinds(a.object.kind, b.object.kind) ||
        (nameOf(a) < nameOf(b) ? -1 : Number(nameOf(a) > nameOf(b))),
    );
}

/** What a hook that has run is remembered by, within one generation. */
export const hookKey = (phase: HookPhase, { object }: Hook): string =>
  `${phase}:${object.kind}/${object.metadata.name}`;
