import * as z from 'zod';

/** One object that was applied, as the cluster has it now. */
const WorkloadObject = z.object({
  object: z.string().describe('Kind/name'),
  isReady: z.boolean(),
  message: z.string().describe('such as "1 of 3 pods ready"'),
  images: z.array(z.string()),
});

/** What of a staging runs in the cluster. */
export const WorkloadView = z.object({
  staging: z.string(),
  generation: z.int().positive().describe('the newest that was asked for'),
  namespace: z.string(),
  objects: z.array(WorkloadObject),
});
export type WorkloadView = z.infer<typeof WorkloadView>;
