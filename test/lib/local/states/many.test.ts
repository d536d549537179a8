import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileJournal } from '../../../../lib/local/states/file-journal.ts';
import type { Journal } from '../../../../lib/local/states/journal.ts';
import { createManualClock, settle } from '../../../support/manual-clock.ts';
import { machine, tryStates } from '../../../support/states.ts';

const call = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'f' } };
const executionArn = 'arn:aws:states:eu-central-1:000000000000:execution:machine:';
const definition = machine({ A: { ...call, Next: 'B' }, B: { ...call, Next: 'C' }, C: { ...call, End: true } });

it('500 executions at once share their writes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'states-'));
  const file = fileJournal(join(folder, 'journal.jsonl'));
  const writes = new Set<Promise<void>>();
  let lines = 0;
  const journal: Journal = {
    ...file,
    append(line) {
      lines += 1;
      const written = file.append(line);
      writes.add(written);
      return written;
    },
  };
  const trial = await tryStates({ definition, journal });
  await Promise.all(Array.from({ length: 500 }, (_, index) => trial.begin({}, `x${index}`)));
  while (trial.states.stats().running > 0) await settle();
  expect(trial.faults).toEqual([]);
  expect(lines).toBeGreaterThan(500 * 7);
  expect(writes.size).toBeLessThan(lines / 10);
  await trial.states.stop();
  const again = await tryStates({ definition, journal: fileJournal(join(folder, 'journal.jsonl')) });
  expect(again.states.stats()).toEqual({ running: 0, ended: 500, timers: 0 });
  await again.states.stop();
  await rm(folder, { recursive: true });
});

it('the journal is rewritten while executions go on, and loses none of them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'states-'));
  const path = join(folder, 'journal.jsonl');
  const states = { A: { Type: 'Wait', Seconds: 60, Next: 'B' }, B: { Type: 'Pass', End: true } };
  const retention = { count: 3, milliseconds: 3_600_000 };
  const clock = createManualClock();
  const first = await tryStates({ definition: machine(states), journal: fileJournal(path), retention, clock });
  await first.begin('x'.repeat(200_000), 'long');
  for (let index = 0; index < 60; index++) {
    await first.begin('x'.repeat(200_000), `x${index}`);
    await first.call('StopExecution', { executionArn: `${executionArn}x${index}` });
  }
  await first.states.stop();
  expect((await stat(path)).size).toBeLessThan(16 * 1024 * 1024);
  const second = await tryStates({ definition: machine(states), journal: fileJournal(path), retention, clock });
  expect(second.states.stats()).toMatchObject({ running: 1, ended: 3 });
  await clock.advance(60_000);
  await settle();
  expect(await second.describe(`${executionArn}long`)).toMatchObject({ status: 'SUCCEEDED' });
  await second.states.stop();
  await rm(folder, { recursive: true });
});

it('no more ended executions are kept than asked for, and none beyond their time', async () => {
  const retention = { count: 10, milliseconds: 1_000 };
  const first = await tryStates({ definition, retention });
  for (let index = 0; index < 30; index++) await first.begin({}, `x${index}`);
  expect(first.states.stats().ended).toBeLessThanOrEqual(11);
  await expect(first.begin({}, 'x29')).rejects.toThrow('Already Exists');
  await expect(first.begin({}, 'x0')).resolves.toContain('x0');
});
