import * as z from 'zod';
import { IllegalTransition } from './errors.ts';

export const Status = z.enum([
  'Pending',
  'Deploying',
  'Running',
  'Degraded',
  'Failed',
  'Archiving',
  'Archived',
  'Restoring',
  'Deleting',
  'Deleted',
  'DeleteFailed',
]);
export type Status = z.infer<typeof Status>;

/** Every legal change of status, and no other. */
export const transitions: Readonly<Record<Status, readonly Status[]>> = {
  Pending: ['Pending', 'Deploying', 'Failed', 'Deleting'],
  Deploying: ['Pending', 'Deploying', 'Running', 'Failed', 'Deleting'],
  Running: ['Pending', 'Degraded', 'Archiving', 'Deleting'],
  Degraded: ['Pending', 'Running', 'Archiving', 'Deleting'],
  Failed: ['Pending', 'Archiving', 'Deleting'],
  Archiving: ['Pending', 'Archived', 'Failed', 'Deleting'],
  Archived: ['Pending', 'Restoring', 'Deleting'],
  Restoring: ['Pending', 'Running', 'Failed', 'Deleting'],
  Deleting: ['Pending', 'Deleting', 'Deleted', 'DeleteFailed'],
  Deleted: ['Pending'],
  DeleteFailed: ['Pending', 'Deleting'],
};

export const isLegal = (from: Status, to: Status): boolean => transitions[from].includes(to);

/**
 * The staging's next status.
 * @throws IllegalTransition where the table doesn't hold it
 */
export function changeStatus(staging: { name: string; status: Status }, next: Status): Status {
  if (!isLegal(staging.status, next)) throw new IllegalTransition(staging.name, staging.status, next);
  return next;
}

/** The words of Octopod for the same facts, for teams that come from there. */
export const octopodStatus: Readonly<Record<string, { status: Status; reason?: string }>> = {
  CreatePending: { status: 'Deploying' },
  UpdatePending: { status: 'Deploying' },
  Running: { status: 'Running' },
  GenericFailure: { status: 'Failed' },
  PartialAvailability: { status: 'Degraded', reason: 'PartiallyAvailable' },
  TagMismatch: { status: 'Failed', reason: 'VersionMismatch' },
  ArchivePending: { status: 'Archiving' },
  Archived: { status: 'Archived' },
  UnarchivePending: { status: 'Restoring' },
  DeletePending: { status: 'Deleting' },
  CleanupFailed: { status: 'DeleteFailed' },
};
