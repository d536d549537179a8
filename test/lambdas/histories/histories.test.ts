import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deleteStaging } from '../../../lambdas/actions/delete-staging.ts';
import { findDue } from '../../../lambdas/actions/find-due.ts';
import { redeployStaging } from '../../../lambdas/actions/redeploy-staging.ts';
import { requestStaging } from '../../../lambdas/actions/request-staging.ts';
import { settleDue } from '../../../lambdas/actions/settle-due.ts';
import { showOperation } from '../../../lambdas/actions/show-operation.ts';
import { DomainError } from '../../../lambdas/domain/errors.ts';
import type { Operation } from '../../../lambdas/domain/operation.ts';
import type { Staging } from '../../../lambdas/domain/staging.ts';
import { isLegal } from '../../../lambdas/domain/status.ts';
import { aWorld, hour, minute, type World } from '../../support/world.ts';
import { type ExecutionPlan, Killed, runExecution } from './machine.ts';

/** What happens to one name: requests, the clock, sweeps. */
type Happening =
  | { kind: 'put'; tag: string; sequence?: number | undefined; ttl: number }
  | { kind: 'redeploy' }
  | { kind: 'delete' }
  | { kind: 'sweep'; after: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      tag: fc.constantFrom('v1', 'v2', 'v3'),
      sequence: fc.option(fc.nat(5), { nil: undefined }),
      ttl: fc.constantFrom(30 * minute, 10 * hour),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('redeploy' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('sweep' as const),
      after: fc.constantFrom(0, minute + 1, 40 * minute, 70 * minute),
    }),
  },
);

const executionPlan: fc.Arbitrary<ExecutionPlan> = fc.record({
  fails: fc.boolean(),
  abortsBefore: fc.option(fc.constantFrom('Claim' as const, 'Act' as const, 'Record' as const), {
    nil: undefined,
    freq: 4,
  }),
  losesEvent: fc.boolean(),
  repeats: fc.boolean(),
});

const smooth: ExecutionPlan = { fails: false, losesEvent: false, repeats: false };

const history = fc.record({
  happenings: fc.array(happening, { minLength: 1, maxLength: 8 }),
  plans: fc.array(executionPlan, { maxLength: 6 }),
  /** accesses to the table, to Step Functions or to the bus before which the process dies */
  kills: fc.uniqueArray(fc.nat(80), { maxLength: 6 }),
  scheduler: fc.scheduler(),
});

type History = typeof history extends fc.Arbitrary<infer Lived> ? Lived : never;

interface Told {
  world: World;
  /** everything that was ever written of the staging, in order */
  written: Staging[];
}

const name = 'a';

async function happen(world: World, what: Happening): Promise<unknown> {
  switch (what.kind) {
    case 'put': {
      const { tag, sequence, ttl } = what;
      const wish = { name, blueprint: 'hello', values: { imageTag: tag }, overrides: {}, sequence, ttl };
      return requestStaging(world, wish, 'ann');
    }
    case 'redeploy':
      return redeployStaging(world, name, 'ann');
    case 'delete':
      return deleteStaging(world, name, 'ann');
    case 'sweep':
      world.pass(what.after);
      return sweep(world);
    default:
      return what satisfies never;
  }
}

async function sweep(world: World): Promise<void> {
  const { due, sweepId } = await findDue(world);
  for (const entry of due) await settleDue(world, entry.name, sweepId === '').catch(expected);
}

/** Requests are refused and processes die; anything else is a fault of ours. */
const expected = (error: unknown): void => {
  if (!(error instanceof DomainError || error instanceof Killed)) throw error;
};

/** Lives through a history: all at once, in the order that the scheduler finds, then in peace until nothing moves. */
async function live({ happenings, plans, kills, scheduler }: History): Promise<Told> {
  let accesses = 0;
  let isPeace = false;
  let isOver = false;
  const world = aWorld({
    gate: async (access) => {
      if (isOver) return;
      accesses += 1;
      if (!isPeace && kills.includes(accesses)) throw new Killed(access);
      await scheduler.schedule(Promise.resolve(), access);
    },
  });
  const running = new Set<Promise<void>>();
  const executions = world.executions;
  world.executions = {
    ...executions,
    async start(operation) {
      const isNew = !executions.started.has(operation.id);
      const answer = await executions.start(operation);
      if (isNew) {
        const plan = isPeace ? smooth : (plans[executions.started.size - 1] ?? smooth);
        const execution: Promise<void> = runExecution(world, operation, plan).finally(() => running.delete(execution));
        running.add(execution);
      }
      return answer;
    },
  };
  const settled = async () => {
    while (running.size > 0) await Promise.all(running);
  };
  await scheduler.waitFor(
    (async () => {
      await Promise.all(happenings.map((what) => happen(world, what).catch(expected)));
      await settled();
      isPeace = true;
      for (let sweeps = 0; sweeps < 12; sweeps += 1) {
        world.pass(70 * minute);
        await sweep(world);
        await settled();
      }
    })(),
  );
  isOver = true;
  return { world, written: world.stagings.written };
}

const pairs = <Item>(items: readonly Item[]): [Item, Item][] =>
  items.slice(1).map((item, index) => [items[index] as Item, item]);

const holding = (check: (told: Told) => Promise<void> | void) =>
  fc.assert(
    fc.asyncProperty(history, async (lived) => {
      await check(await live(lived));
    }),
    { numRuns: 300 },
  );

describe('every history of requests, executions, sweeps, repeats and deaths', () => {
  it('only ever goes forward: no older generation writes over a newer one', async () => {
    await holding(({ written }) => {
      for (const [before, after] of pairs(written)) {
        expect(after.revision).toBe(before.revision + 1);
        expect(after.generation).toBeGreaterThanOrEqual(before.generation);
        expect(after.operation.generation).toBe(after.generation);
      }
    });
  });

  it('changes the status as the table of transitions allows, and to an outcome only for the newest generation', async () => {
    const outcomes = new Set(['Deploying', 'Running', 'Failed', 'Deleted', 'DeleteFailed']);
    await holding(({ written }) => {
      const changes = pairs(written).filter(([before, after]) => before.status !== after.status);
      const illegal = changes.filter(([before, after]) => !isLegal(before.status, after.status));
      const untimely = changes.filter(
        ([before, after]) => outcomes.has(after.status) && before.active?.generation !== before.generation,
      );
      expect(illegal).toEqual([]);
      expect(untimely).toEqual([]);
    });
  });

  it('never revives a deleted staging but by a newer request', async () => {
    await holding(({ written }) => {
      for (const [before, after] of pairs(written)) {
        if (before.status !== 'Deleted') continue;
        expect(after.generation).toBeGreaterThan(before.generation);
        expect(after.operation.kind).toBe('deploy');
        expect(after.operation.cause).toBe('request');
      }
    });
  });

  it('ends every accepted operation in exactly one recorded outcome', async () => {
    await holding(async ({ world, written }) => {
      const outcomes = new Map<string, Set<string>>();
      const see = (operation: Operation) => {
        const seen = outcomes.get(operation.id) ?? new Set();
        if (operation.outcome !== undefined) seen.add(`${operation.outcome} at ${operation.endedAt}`);
        outcomes.set(operation.id, seen);
      };
      for (const staging of written) [staging.operation, ...staging.displaced].forEach(see);
      world.operations.all().forEach(see);

      for (const [id, seen] of outcomes) {
        const shown = (await showOperation(world, id)).operation;
        expect([id, ...seen]).toEqual([id, `${shown.outcome} at ${shown.endedAt}`]);
      }
      expect(outcomes.size).toBe(written.at(-1)?.generation ?? 0);
      expect(written.at(-1)?.active).toBeUndefined();
    });
  });

  it('lets at most one execution hold the staging', async () => {
    await holding(({ written }) => {
      const taken = pairs(written).filter(
        ([{ active }, after]) => active?.claimedAt !== undefined && after.active?.generation !== active.generation,
      );
      // whoever held it has come to its end: as the newest it has an outcome, as an older one it handed over
      const cutOff = taken.filter(
        ([{ active }, { operation, displaced }]) =>
          [operation, ...displaced].find((one) => one.generation === active?.generation)?.outcome === undefined,
      );
      expect(cutOff).toEqual([]);
    });
  });
});
