import * as z from 'zod';
import { Diagnosis, Reason } from './reason.ts';

export const OperationKind = z.enum(['deploy', 'archive', 'restore', 'teardown']);
export type OperationKind = z.infer<typeof OperationKind>;

/** Which change this is. */
export const Source = z.object({
  repository: z.string().min(1).max(256).optional(),
  branch: z.string().min(1).max(256).optional(),
  commit: z.string().min(7).max(64).optional(),
  baseCommit: z.string().min(7).max(64).optional().describe('the known-good commit that this one differs from'),
  pullRequest: z.int().positive().optional(),
  url: z.url().max(1024).optional(),
});
export type Source = z.infer<typeof Source>;

const Instant = z.iso.datetime();

/** One state of the execution, as far as it has come. */
export const OperationStep = z.object({
  name: z.string(),
  startedAt: Instant,
  endedAt: Instant.optional(),
  error: z.string().optional(),
});
export type OperationStep = z.infer<typeof OperationStep>;

/** How far the workload is: counts of objects, and a sentence such as "Deployment/web: 1 of 3 pods ready". */
export const Progress = z.object({
  ready: z.int().nonnegative(),
  total: z.int().nonnegative(),
  message: z.string().max(512),
  at: Instant,
});
export type Progress = z.infer<typeof Progress>;

export const Outcome = z.enum(['Succeeded', 'Failed', 'Superseded']);
export type Outcome = z.infer<typeof Outcome>;

/** One accepted change of a staging; its id is the execution's name, `<staging>-g<generation>-<kind>`. */
export const Operation = z.object({
  id: z.string(),
  staging: z.string(),
  kind: OperationKind,
  generation: z.int().positive(),
  actor: z.string(),
  cause: z.enum(['request', 'expiry', 'retry']),
  source: Source.optional(),
  requestedAt: Instant,
  startedAt: Instant.optional(),
  endedAt: Instant.optional(),
  outcome: Outcome.optional(),
  reason: Reason.optional(),
  diagnosis: Diagnosis.optional(),
});
export type Operation = z.infer<typeof Operation>;

export const operationId = (staging: string, generation: number, kind: OperationKind): string =>
  `${staging}-g${generation}-${kind}`;

const idPattern = /^(?<staging>[a-z0-9-]+)-g(?<generation>[1-9]\d{0,8})-(?<kind>deploy|archive|restore|teardown)$/;

/** Reads an operation's id back; undefined where it can't be one. */
export function parseOperationId(id: string): { staging: string; generation: number; kind: OperationKind } | undefined {
  const groups = idPattern.exec(id)?.groups;
  if (!groups?.['staging'] || !groups['generation']) return undefined;
  return {
    staging: groups['staging'],
    generation: Number(groups['generation']),
    kind: OperationKind.parse(groups['kind']),
  };
}
