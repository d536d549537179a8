import type { Container } from '../controllers/pod-view.ts';
import type { Timings } from '../controllers/timings.ts';
import { readImage } from './image-reference.ts';

interface Exit {
  /** milliseconds after the start */
  after: number;
  exitCode: number;
  reason: 'Completed' | 'Error' | 'OOMKilled';
}

/** What a container of an image does here. */
export interface Behaviour {
  /** why its image can't be had: the runtime's words */
  pullError?: string;
  /** why its image name can't be read */
  invalidImage?: string;
  /** milliseconds from start to ready; undefined where it never gets ready */
  readyAfter?: number;
  exit?: Exit;
}

/** Tags that make something happen; every other tag runs and gets ready. */
const scenarios = [
  'missing',
  'denied',
  'crash',
  'oom',
  'slow',
  'never-ready',
  'exit-0',
  'exit-1',
  'stuck-terminating',
] as const;
export type Scenario = (typeof scenarios)[number];

export const scenarioOf = (image: string): Scenario | undefined => {
  const reference = readImage(image);
  return 'invalid' in reference ? undefined : scenarios.find((scenario) => scenario === reference.tag);
};

/** `service` runs on; `task` ends by itself: containers of Jobs and init containers. */
export type Role = 'service' | 'task';

interface Circumstances {
  /** the image in full */
  full: string;
  role: Role;
  readyAfter: number;
  timings: Timings;
}

export function behaviourOf(container: Container, role: Role, timings: Timings): Behaviour {
  const reference = readImage(container.image);
  if ('invalid' in reference) return { invalidImage: reference.invalid };
  const readyAfter = container.readinessProbe ? timings.readiness : 0;
  const act = acts[scenarioOf(container.image) ?? 'usual'];
  return act({ full: reference.full, role, readyAfter, timings });
}

const ends = (after: number, exitCode: number, readyAfter: number): Behaviour => ({
  readyAfter,
  exit: { after, exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' },
});

const runs = ({ role, readyAfter, timings }: Circumstances): Behaviour =>
  role === 'task' ? ends(timings.run, 0, readyAfter) : { readyAfter };

const acts: Record<Scenario | 'usual', (circumstances: Circumstances) => Behaviour> = {
  usual: runs,
  'stuck-terminating': runs,
  'never-ready': () => ({}),
  missing: ({ full }) => ({
    pullError: `${unpacking(full)}: failed to resolve reference "${full}": ${full}: not found`,
  }),
  denied: ({ full }) => ({
    pullError: `${unpacking(full, 'Unknown')}: failed to resolve reference "${full}": ${denial}`,
  }),
  // A kubelet looks about once a second: a container that dies within it is never seen as ready.
  crash: ({ timings }) => ({ exit: { after: timings.crash, exitCode: 1, reason: 'Error' } }),
  oom: ({ timings }) => ({ exit: { after: timings.crash, exitCode: 137, reason: 'OOMKilled' } }),
  'exit-0': ({ timings, readyAfter }) => ends(timings.run, 0, readyAfter),
  'exit-1': ({ timings, readyAfter }) => ends(timings.run, 1, readyAfter),
  slow: ({ role, timings }) => (role === 'task' ? ends(timings.slow, 0, timings.slow) : { readyAfter: timings.slow }),
};

const unpacking = (full: string, code = 'NotFound'): string =>
  `rpc error: code = ${code} desc = failed to pull and unpack image "${full}"`;

const denial =
  'pull access denied, repository does not exist or may require authorization: ' +
  'server message: insufficient_scope: authorization failed';
