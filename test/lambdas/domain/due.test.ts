import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choreAt, choreDue, dueAt, expiryOf, warned } from '../../../lambdas/domain/due.ts';
import { Status } from '../../../lambdas/domain/status.ts';
import { aStagingThatIs } from '../../support/stagings.ts';
import { day, hour, minute } from '../../support/world.ts';

const noon = Date.parse('2026-03-01T12:00:00.000Z');
const at = (milliseconds: number) => new Date(noon + milliseconds);
const lifetime = { ttl: day, warnBefore: hour };

describe('what is due', () => {
  it.each([
    { status: 'Pending', when: 59_000, chore: undefined },
    { status: 'Pending', when: minute, chore: 'start' },
    { status: 'Deploying', when: 64 * minute, chore: undefined },
    { status: 'Deploying', when: 65 * minute, chore: 'declare-lost' },
    { status: 'Running', when: 22 * hour, chore: undefined },
    { status: 'Running', when: 23 * hour, chore: 'warn' },
    { status: 'Running', when: day, chore: 'expire' },
    { status: 'Failed', when: day, chore: 'expire' },
    { status: 'Archived', when: day, chore: 'expire' },
    { status: 'Deleting', when: minute, chore: 'start' },
    { status: 'DeleteFailed', when: 59_000, chore: undefined },
    { status: 'DeleteFailed', when: minute, chore: 'retry-teardown' },
    { status: 'DeleteFailed', when: 30 * day, chore: 'retry-teardown' },
    { status: 'Deleted', when: 30 * day, chore: undefined },
  ] as const)('of a staging that is $status after $when ms: $chore', ({ status, when, chore }) => {
    expect(choreDue(aStagingThatIs(status, lifetime), at(when))).toBe(chore);
  });

  it('leaves the end of a lifetime to an operator where it may not expire, and nothing else', () => {
    const running = aStagingThatIs('Running', lifetime);

    expect(choreDue(running, at(day), false)).toBe('warn');
    expect(choreDue(warned(running), at(day), false)).toBeUndefined();
    expect(choreDue(aStagingThatIs('Deploying', lifetime), at(day), false)).toBe('declare-lost');
  });

  it('is never forgotten: what is due is found at its instant, and no earlier', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Status.options),
        fc.integer({ min: 2 * minute, max: 3 * day }),
        fc.integer({ min: 0, max: 4 * day }),
        (status, ttl, when) => {
          const staging = aStagingThatIs(status, { ttl, warnBefore: minute });
          const due = dueAt(staging);

          const isFound = due !== undefined && due <= at(when).toISOString();

          expect(choreDue(staging, at(when)) !== undefined).toBe(isFound);
          const earliest = [expiryOf(staging), choreAt(staging)]
            .filter((instant) => instant !== undefined)
            .toSorted()[0];
          expect(due).toBe(earliest);
        },
      ),
    );
  });
});
