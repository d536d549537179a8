import type { Timings } from '../controllers/timings.ts';
import type { Behaviour } from './scenario.ts';

export interface Termination {
  exitCode: number;
  reason: string;
  startedAt: number;
  finishedAt: number;
}

/** Where a container is, and when it goes on by itself (milliseconds since 1970). */
export type Stage =
  | { kind: 'waiting'; reason: string; message?: string; until?: number }
  | { kind: 'running'; startedAt: number; isReady: boolean; readyAt?: number; endsAt?: number }
  | { kind: 'terminated'; end: Termination; until?: number };

export interface Life {
  stage: Stage;
  restarts: number;
  failedPulls: number;
  lastEnd?: Termination;
}

export interface KubeletEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

/** What a container's next step depends on. */
export interface Surroundings {
  now: number;
  name: string;
  image: string;
  /** `web-abc_stg-shop(uid)`, as kubelets name a pod in messages */
  podTitle: string;
  behaviour: Behaviour;
  timings: Timings;
  mayRestart: (exitCode: number) => boolean;
  /** why its configuration can't be made */
  problem: string | undefined;
  probeFailure: string;
}

export interface Step {
  life: Life;
  events: readonly KubeletEvent[];
}

export const newLife: Life = { stage: { kind: 'waiting', reason: 'ContainerCreating' }, restarts: 0, failedPulls: 0 };
