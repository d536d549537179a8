import { describe, expect, it } from 'vitest';
import { IllegalTransition } from '../../../lambdas/domain/errors.ts';
import { ReasonCode } from '../../../lambdas/domain/reason.ts';
import { changeStatus, isLegal, octopodStatus, Status, transitions } from '../../../lambdas/domain/status.ts';

/** The table once more, as people read it in the design: what is not in a row is not legal. */
const legal: Record<Status, Status[]> = {
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

describe('the table of transitions', () => {
  it('has a row for every status', () => {
    expect(Object.keys(transitions).toSorted()).toEqual(Status.options.toSorted());
  });

  it.each(Status.options.flatMap((from) => Status.options.map((to) => ({ from, to, may: legal[from].includes(to) }))))(
    'says $may to $from → $to',
    ({ from, to, may }) => {
      expect(isLegal(from, to)).toBe(may);
    },
  );

  it('lets nobody out of Deleted but by a new deploy', () => {
    expect(transitions.Deleted).toEqual(['Pending']);
  });

  it('names both statuses where a change is not legal', () => {
    expect(() => changeStatus({ name: 'a', status: 'Deleted' }, 'Running')).toThrow(IllegalTransition);
    expect(() => changeStatus({ name: 'a', status: 'Deleted' }, 'Running')).toThrow(/"a" is Deleted, and Running/);
    expect(changeStatus({ name: 'a', status: 'Deploying' }, 'Running')).toBe('Running');
  });
});

describe('Octopod’s words', () => {
  it('mean a status and a reason of ours', () => {
    for (const { status, reason } of Object.values(octopodStatus)) {
      expect(Status.options).toContain(status);
      expect(['', ...ReasonCode.options]).toContain(reason ?? '');
    }
  });
});
