import * as z from 'zod';

/** Why a staging is not well: a closed list, so that callers can switch on it. */
export const ReasonCode = z.enum([
  'ImageNotFound',
  'ImagePullDenied',
  'CrashLoop',
  'ConfigMissing',
  'Unschedulable',
  'QuotaExceeded',
  'RolloutStalled',
  'HookFailed',
  'ProbeFailed',
  'VersionMismatch',
  'PartiallyAvailable',
  'RenderFailed',
  'ApplyRejected',
  'TimedOut',
  'ClusterUnreachable',
  'ClusterUnknown',
  'TeardownStuck',
  'Superseded',
  'Aborted',
  'InternalError',
]);
export type ReasonCode = z.infer<typeof ReasonCode>;

/** Cause of a bad status: the code for programs, a sentence for people, and the Kubernetes object it is about. */
export const Reason = z.object({
  code: ReasonCode,
  message: z.string().max(1024),
  object: z.string().max(320).optional().describe('Kind/name of the Kubernetes object concerned'),
});
export type Reason = z.infer<typeof Reason>;

const DiagnosisEvent = z.object({
  object: z.string(),
  reason: z.string(),
  message: z.string(),
  count: z.number().int(),
  at: z.string(),
});

const DiagnosisContainer = z.object({
  pod: z.string(),
  container: z.string(),
  state: z.string(),
  restarts: z.number().int(),
  exitCode: z.number().int().optional(),
  logs: z.array(z.string()).describe('the last lines'),
});

/** What the cluster had to say about a failure, cut so that the whole is under 16 KiB. */
export const Diagnosis = z.object({
  events: z.array(DiagnosisEvent).max(20),
  containers: z.array(DiagnosisContainer).max(5),
});
export type Diagnosis = z.infer<typeof Diagnosis>;

/** A failure with its cause, as the Diagnose step hands it to RecordFailed. */
export const Failure = z.object({ reason: Reason, diagnosis: Diagnosis.optional() });
export type Failure = z.infer<typeof Failure>;
