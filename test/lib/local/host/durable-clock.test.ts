import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openClock } from '../../../../lib/local/durable-clock.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'berth-clock-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const day = 24 * 3_600_000;

describe('the host’s clock', () => {
  it('tells threads how far it was put ahead', async () => {
    const clock = await openClock(dataDir);
    await clock.advance(day);
    await clock.advance(day);
    expect(new Float64Array(clock.offset)[0]).toBe(2 * day);
  });

  it('adds up what was asked for at the same time, and keeps the sum', async () => {
    const clock = await openClock(dataDir);
    await Promise.all(Array.from({ length: 5 }, () => clock.advance(day)));
    expect(clock.clock.offset).toBe(5 * day);
    expect((await openClock(dataDir)).clock.offset).toBe(5 * day);
  });

  it('goes on from there after a restart', async () => {
    await (await openClock(dataDir)).advance(3 * day);
    const { clock, offset } = await openClock(dataDir);
    expect(clock.offset).toBe(3 * day);
    expect(new Float64Array(offset)[0]).toBe(3 * day);
  });
});
