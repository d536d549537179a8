import * as z from 'zod';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { listAt } from './fields.ts';

const Terminated = z.object({
  exitCode: z.number().default(0),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  finishedAt: z.string().nullish(),
});
const State = z.object({
  waiting: z.object({ reason: z.string().nullish(), message: z.string().nullish() }).nullish(),
  running: z.object({}).nullish(),
  terminated: Terminated.nullish(),
});
const Container = z.object({
  name: z.string(),
  image: z.string().default(''),
  ready: z.boolean().default(false),
  restartCount: z.number().default(0),
  state: State.nullish(),
  lastState: State.nullish(),
});
export type Container = z.infer<typeof Container> & { isInit: boolean };

function read(object: KubernetesObject, field: string, isInit: boolean): Container[] {
  return listAt(object, 'status', field).flatMap((entry) => {
    const parsed = Container.safeParse(entry);
    return parsed.success ? [{ ...parsed.data, isInit }] : [];
  });
}

/** A pod's containers as their kubelet reports them, those that run first at the front. */
export const containersOf = (pod: KubernetesObject): Container[] => [
  ...read(pod, 'initContainerStatuses', true),
  ...read(pod, 'containerStatuses', false),
];

/** How its last life ended; the present one where it has just ended. */
export const lastEnd = ({ state, lastState }: Container): z.infer<typeof Terminated> | undefined =>
  state?.terminated ?? lastState?.terminated ?? undefined;

/** One line: `waiting: ImagePullBackOff`, `terminated: OOMKilled`, `running`. */
export function stateText({ state }: Container): string {
  if (state?.waiting) return `waiting: ${state.waiting.reason ?? 'unknown'}`;
  if (state?.terminated) return `terminated: ${state.terminated.reason ?? `exit code ${state.terminated.exitCode}`}`;
  return state?.running ? 'running' : 'unknown';
}
