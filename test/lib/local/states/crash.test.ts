import { describe, expect, it } from 'vitest';
import { FunctionError } from '../../../../lib/local/states/invoke.ts';
import { memoryJournal } from '../../../../lib/local/states/journal.ts';
import type { Json } from '../../../../lib/local/states/json.ts';
import { createManualClock, settle } from '../../../support/manual-clock.ts';
import { type Description, machine, tryStates } from '../../../support/states.ts';

const call = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  TimeoutSeconds: 60,
  Arguments: { FunctionName: 'f', Payload: { step: '{% $states.context.State.Name %}', given: '{% $states.input %}' } },
  Output: '{% $states.result.Payload %}',
};

/** Something of everything: variables, a retry, a wait, a catch, a map, branches. */
const definition = machine(
  {
    Claim: { ...call, Assign: { claimed: '{% $states.result.Payload %}' }, Next: 'Flaky' },
    Flaky: { ...call, Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 7, MaxAttempts: 9 }], Next: 'Pause' },
    Pause: { Type: 'Wait', Seconds: 30, Next: 'Each' },
    Each: {
      Type: 'Map',
      Items: [1, 2, 3],
      MaxConcurrency: 2,
      ItemProcessor: { StartAt: 'Item', States: { Item: { ...call, End: true } } },
      Next: 'Both',
    },
    Both: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'Left',
          States: { Left: { ...call, Next: 'LeftPause' }, LeftPause: { Type: 'Wait', Seconds: 5, End: true } },
        },
        { StartAt: 'Right', States: { Right: { ...call, End: true } } },
      ],
      Next: 'Broken',
    },
    Broken: { ...call, Catch: [{ ErrorEquals: ['Gone'], Output: '{% $states.input %}', Next: 'Which' }], End: true },
    Which: { Type: 'Choice', Choices: [{ Condition: "{% $claimed = 'Claim done' %}", Next: 'Last' }], Default: 'Lost' },
    Lost: { Type: 'Fail', Error: 'Lost' },
    Last: { ...call, End: true },
  },
  { TimeoutSeconds: 3600 },
);

/** Answers by step; Flaky is busy the first time. */
function world() {
  const seen: string[] = [];
  const invoke = async (_: string, payload: Json): Promise<unknown> => {
    const { step, given } = payload as { step: string; given: Json };
    seen.push(step === 'Item' ? `Item ${JSON.stringify(given)}` : step);
    if (step === 'Flaky' && seen.filter((name) => name === 'Flaky').length === 1) throw new FunctionError('Busy', '');
    if (step === 'Broken') throw new FunctionError('Gone', '');
    return `${step} done`;
  };
  return { seen, invoke };
}

const steps = ['Claim', 'Flaky', 'Item 1', 'Item 2', 'Item 3', 'Left', 'Right', 'Broken', 'Last'];
const arn = 'arn:aws:states:eu-central-1:000000000000:execution:machine:one';

async function whole(): Promise<{ lines: string[]; end: Description }> {
  const lines: string[] = [];
  const trial = await tryStates({ definition, invoke: world().invoke, journal: memoryJournal(lines) });
  await trial.begin({ a: 1 });
  await trial.clock.advance(600_000);
  return { lines: [...lines], end: await trial.describe(arn) };
}

/** A new process on what an older one left: nothing but the journal. */
async function resume(lines: string[]) {
  const outside = world();
  const clock = createManualClock(Date.parse('2026-01-01T00:00:01Z'));
  const trial = await tryStates({ definition, invoke: outside.invoke, journal: memoryJournal([...lines]), clock });
  await clock.advance(600_000);
  return { trial, seen: outside.seen };
}

/** Steps whose end a journal already holds. */
function succeeded(lines: readonly string[]): string[] {
  const names = lines.flatMap((line) => [
    ...line.matchAll(/"mapIterationSucceededEventDetails":\{"name":"Each","index":(\d)/gu),
  ]);
  const items = names.map(([, index]) => `Item ${Number(index) + 1}`);
  const exits = [...lines.join('\n').matchAll(/"stateExitedEventDetails":\{"name":"(\w+)"/gu)].map(
    ([, name]) => name ?? '',
  );
  return [...items, ...exits.filter((name) => steps.includes(name))];
}

describe('an execution whose process is killed', () => {
  it('is as a whole one when nothing happens', async () => {
    const { lines, end } = await whole();
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: '"Last done"' });
    expect(lines.length).toBeGreaterThan(25);
  });

  it('ends the same after a cut behind any line, and no step is skipped', async () => {
    const { lines, end } = await whole();
    for (let cut = 2; cut <= lines.length; cut++) {
      const kept = lines.slice(0, cut);
      const { trial, seen } = await resume(kept);
      const description = await trial.describe(arn);
      expect(trial.faults, `cut behind line ${cut}`).toEqual([]);
      expect({ status: description.status, output: description.output }, `cut behind line ${cut}`).toEqual({
        status: end.status,
        output: end.output,
      });
      const before = succeeded(kept);
      const missing = steps.filter((step) => !before.includes(step) && !seen.includes(step));
      expect(missing, `skipped after a cut behind line ${cut}`).toEqual([]);
      const again = before.filter((step) => seen.includes(step));
      expect(again, `done again after a cut behind line ${cut}`).toEqual([]);
      expect(trial.clock.pending).toBe(0);
    }
  });

  it('keeps one history without gaps', async () => {
    const { lines } = await whole();
    for (let cut = 2; cut <= lines.length; cut += 3) {
      const { trial } = await resume(lines.slice(0, cut));
      const ids = (await trial.history(arn)).map((event) => event.id);
      expect(ids).toEqual(ids.map((_, index) => index + 1));
    }
  });

  it('never was when its start was not yet written', async () => {
    const { lines } = await whole();
    const { trial } = await resume(lines.slice(0, 1));
    expect((await trial.call('DescribeExecution', { executionArn: arn })).body['__type']).toBe('ExecutionDoesNotExist');
  });

  it('is told to the bus again when nobody knows whether its end was', async () => {
    const { lines } = await whole();
    expect(lines.at(-1)).toContain('"told"');
    const untold = await resume(lines.slice(0, -1));
    expect(untold.trial.events.map((event) => event.detail)).toMatchObject([{ status: 'SUCCEEDED' }]);
    expect((await resume(lines)).trial.events).toEqual([]);
  });

  it('waits on by the clock, not from the beginning', async () => {
    const waiting = machine({ A: { Type: 'Wait', Seconds: 100, Next: 'B' }, B: { Type: 'Succeed' } });
    const lines: string[] = [];
    const clock = createManualClock();
    const first = await tryStates({ definition: waiting, journal: memoryJournal(lines), clock });
    await first.begin();
    await clock.advance(60_000);
    await first.states.stop();
    const second = await tryStates({ definition: waiting, journal: memoryJournal(lines), clock });
    await clock.advance(39_999);
    expect(await second.describe(arn)).toMatchObject({ status: 'RUNNING' });
    await clock.advance(1);
    expect(await second.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('is out of time when its time went by while nothing ran', async () => {
    const { lines } = await whole();
    const clock = createManualClock(Date.parse('2026-01-02T00:00:00Z'));
    const invoke = async (): Promise<null> => null;
    const trial = await tryStates({ definition, invoke, journal: memoryJournal(lines.slice(0, 3)), clock });
    await clock.advance(0);
    expect(await trial.describe(arn)).toMatchObject({ status: 'TIMED_OUT' });
  });

  it('goes on with the definition it was started with', async () => {
    const { lines } = await whole();
    const other = machine({ Claim: { Type: 'Fail', Error: 'Changed' } });
    const clock = createManualClock();
    const trial = await tryStates({
      definition: other,
      invoke: world().invoke,
      journal: memoryJournal(lines.slice(0, 4)),
      clock,
    });
    await clock.advance(600_000);
    expect(await trial.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('a transition', () => {
  /** A journal whose lines get durable one by one, by hand. */
  function slowJournal() {
    const waiting: (() => void)[] = [];
    const journal = { ...memoryJournal(), append: () => new Promise<void>((resolve) => void waiting.push(resolve)) };
    return { journal, waiting };
  }

  it('is written before anything follows from it', async () => {
    const { journal, waiting } = slowJournal();
    const { seen, invoke } = world();
    const trial = await tryStates({ definition, invoke, journal });
    let answered = false;
    const begun = trial.begin().then(() => (answered = true));
    await settle();
    // definition, start, and the schedule of the first task
    expect(waiting).toHaveLength(3);
    expect([answered, seen, trial.events]).toEqual([false, [], []]);
    waiting[0]?.();
    waiting[1]?.();
    await begun;
    expect(seen).toEqual([]);
    waiting[2]?.();
    await settle();
    expect(seen).toEqual(['Claim']);
    expect(trial.events).toHaveLength(1);
  });

  it('is shown to nobody before it is written', async () => {
    const { journal, waiting } = slowJournal();
    const trial = await tryStates({ definition: machine({ A: { Type: 'Succeed' } }), journal });
    const begun = trial.begin();
    await settle();
    let shown: Description | undefined;
    const asked = trial.describe(arn).then((description) => (shown = description));
    await settle();
    expect(shown).toBeUndefined();
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      next();
      await settle();
    }
    await Promise.all([begun, asked]);
    expect(shown).toMatchObject({ status: 'SUCCEEDED' });
    expect(trial.events.map((event) => event.detail)).toMatchObject([{ status: 'RUNNING' }, { status: 'SUCCEEDED' }]);
  });
});

it('a stopped host moves nothing any more', async () => {
  const trial = await tryStates({ definition, invoke: world().invoke });
  await trial.begin();
  await trial.states.stop();
  expect(trial.clock.pending).toBe(0);
});
