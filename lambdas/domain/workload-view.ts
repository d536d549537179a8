import * as z from 'zod';
import { Link } from './links.ts';
import { Desired } from './staging.ts';

/** One object that was applied, as the cluster has it now. */
const WorkloadObject = z.object({
  object: z.string().describe('Kind/name'),
  kind: z.string(),
  name: z.string(),
  isReady: z.boolean(),
  message: z.string().describe('such as "1 of 3 pods ready"'),
  images: z.array(z.string()).describe('of its pods’ containers, as they were asked for'),
});

const WorkloadPod = z.object({
  name: z.string(),
  isReady: z.boolean(),
  phase: z.string(),
  containers: z.array(
    z.object({
      name: z.string(),
      image: z.string().describe('what runs, as the node has it'),
      state: z.string().describe('such as "running" or "waiting: ImagePullBackOff"'),
      restarts: z.int().nonnegative(),
    }),
  ),
});

/** What of a staging runs in the cluster, beside what was asked for. */
export const WorkloadView = z.object({
  staging: z.string(),
  generation: z.int().positive().describe('the newest that was asked for'),
  appliedGeneration: z.int().nonnegative().describe('the one that the cluster has; 0 where it has none'),
  namespace: z.string(),
  requested: Desired.describe('what was asked for'),
  objects: z.array(WorkloadObject),
  pods: z.array(WorkloadPod),
  isCut: z.boolean().describe('true where there are more objects or pods than are shown'),
  links: z.array(Link),
  observedAt: z.iso.datetime(),
});
export type WorkloadView = z.infer<typeof WorkloadView>;
