import * as z from 'zod';
import { Link, linksOf, urlOf } from '../domain/links.ts';
import { Operation, OperationStep, Progress } from '../domain/operation.ts';
import { Staging } from '../domain/staging.ts';
import type { Blueprints } from '../render/blueprints.ts';
import type { OperationRecord } from '../stores/operations.ts';

/** One operation in short, as lists and stagings show it. */
export const OperationSummary = Operation.omit({ diagnosis: true });
export type OperationSummary = z.infer<typeof OperationSummary>;

/** One operation with all that is known of it. */
export const OperationView = Operation.extend({ steps: z.array(OperationStep), progress: Progress.optional() });
export type OperationView = z.infer<typeof OperationView>;

/** A staging as callers see it. */
export const StagingView = Staging.pick({
  name: true,
  status: true,
  generation: true,
  sequence: true,
  owner: true,
  cluster: true,
  createdAt: true,
  updatedAt: true,
  expiresAt: true,
  deletedAt: true,
  reason: true,
})
  .extend({
    ...Staging.shape.desired.shape,
    url: z.url(),
    links: z.array(Link),
    operation: OperationSummary,
  })
  .describe('`operation` is its newest, whether that has ended or not');
export type StagingView = z.infer<typeof StagingView>;

/** What shows a staging needs beside its record. */
export interface ViewDeps {
  blueprints: Pick<Blueprints, 'get'>;
  publicBaseUrl: string;
}

export const toOperationSummary = ({ diagnosis: _diagnosis, ...operation }: Operation): OperationSummary => operation;

/**
 * The steps with those that are one write of the record: an operation starts with its claim, and ends with the step that
 * records how. One that was superseded before it was claimed had no steps.
 */
function withRecordSteps(
  { startedAt, endedAt, outcome, kind }: Operation,
  steps: readonly OperationStep[],
): OperationStep[] {
  if (startedAt === undefined) return [...steps];
  const claimed = { name: 'Claim', startedAt, endedAt: startedAt };
  if (endedAt === undefined || outcome === undefined) return [claimed, ...steps];
  const success = kind === 'teardown' ? 'RecordDeleted' : 'RecordRunning';
  const name = outcome === 'Succeeded' ? success : `Record${outcome}`;
  return [claimed, ...steps, { name, startedAt: endedAt, endedAt }];
}

export const toOperationView = ({ operation, steps, progress }: OperationRecord): OperationView => ({
  ...operation,
  steps: withRecordSteps(operation, steps),
  ...(progress === undefined ? {} : { progress }),
});

export function toStagingView({ blueprints, publicBaseUrl }: ViewDeps, staging: Staging): StagingView {
  const { name, desired, operation } = staging;
  const {
    revision: _revision,
    desired: _desired,
    ttl: _ttl,
    warnAt: _warnAt,
    active: _active,
    displaced: _displaced,
    teardownFailures: _teardownFailures,
    retryAt: _retryAt,
    ...shown
  } = staging;
  return {
    ...shown,
    ...desired,
    url: urlOf(name, publicBaseUrl),
    links: linksOf(name, blueprints.get(desired.blueprint)?.blueprint, publicBaseUrl),
    operation: toOperationSummary(operation),
  };
}
