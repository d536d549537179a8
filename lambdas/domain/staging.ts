import * as z from 'zod';
import { StagingName } from './names.ts';
import { Operation, OperationKind, Source } from './operation.ts';
import { Reason } from './reason.ts';
import { Status } from './status.ts';

export const Json = z.json();
export type Json = z.infer<typeof Json>;

/** Values by dotted key; `null` removes a default. */
export const Values = z.record(z.string().min(1).max(256), Json);
export type Values = z.infer<typeof Values>;

/** How to deploy it, beside the application's own configuration. */
export const SourceOverrides = z.strictObject({
  chartVersion: z.string().min(1).max(64).optional(),
});
export type SourceOverrides = z.infer<typeof SourceOverrides>;

const Instant = z.iso.datetime();

/** What the caller wants to run; a PUT that changes none of it is no operation. */
export const Desired = z.object({
  blueprint: z.string(),
  values: Values,
  overrides: SourceOverrides,
  source: Source.optional(),
});
export type Desired = z.infer<typeof Desired>;

/** The execution that holds the staging. A staging has at most one, whatever was accepted since. */
export const Active = z.object({
  operationId: z.string(),
  generation: z.int().positive(),
  kind: OperationKind,
  /** when its first step took the staging; absent while nobody knows whether it was ever started */
  claimedAt: Instant.optional(),
  /** when it counts as lost, and the sweep asks after it */
  deadline: Instant,
});
export type Active = z.infer<typeof Active>;

/**
 * A staging: all that must change together, in one item, written under its `revision`. The newest operation lies in
 * `operation`; those it displaced, and whose history item may not be written yet, in `displaced`.
 */
export const Staging = z.object({
  name: StagingName,
  revision: z.int().positive(),
  status: Status,
  generation: z.int().positive(),
  sequence: z.int().nonnegative().optional(),
  desired: Desired,
  cluster: z.string(),
  owner: z.string(),
  createdAt: Instant,
  updatedAt: Instant,
  /** lifetime in milliseconds, as it was last asked for; absent where the blueprint sets none */
  ttl: z.int().positive().optional(),
  /** when the lifetime is over; absent where the blueprint sets none */
  expiresAt: Instant.optional(),
  /** when the owner is told that the end is near; absent once told */
  warnAt: Instant.optional(),
  reason: Reason.optional(),
  operation: Operation,
  active: Active.optional(),
  displaced: z.array(Operation),
  /** failed teardowns in a row, for the backoff between them */
  teardownFailures: z.int().nonnegative(),
  /** when a failed teardown is tried again */
  retryAt: Instant.optional(),
  deletedAt: Instant.optional(),
});
export type Staging = z.infer<typeof Staging>;
