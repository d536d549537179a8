import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { AdjustableClock } from './clock.ts';

const Kept = z.object({ offsetMilliseconds: z.number().nonnegative() });

/** The host's clock, and the way to move it. */
export interface HostClock {
  clock: AdjustableClock;
  /** Moves time forward, in this process and its threads, and for every later start on the same data. */
  advance(milliseconds: number): Promise<void>;
  /** one 64-bit float for the threads: milliseconds ahead of the machine's time */
  offset: SharedArrayBuffer;
}

/** A clock that goes on from where it was put by hand: time must not run back for what lies in the data. */
export async function openClock(dataDir: string): Promise<HostClock> {
  const file = join(dataDir, 'clock.json');
  const offset = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  const shared = new Float64Array(offset);
  const clock = new AdjustableClock((milliseconds) => {
    shared[0] = milliseconds;
  });
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined) clock.advance(Kept.parse(JSON.parse(text)).offsetMilliseconds);
  // Written first: what happens at the new time must never be found by a start at the old one.
  const move = async (milliseconds: number): Promise<void> => {
    await writeFile(`${file}.new`, JSON.stringify({ offsetMilliseconds: clock.offset + milliseconds }));
    await rename(`${file}.new`, file);
    clock.advance(milliseconds);
  };
  let moved: Promise<void> = Promise.resolve();
  return {
    clock,
    offset,
    // One after the other: each adds to what the one before it wrote.
    advance(milliseconds) {
      const moving = moved.then(() => move(milliseconds));
      moved = moving.catch(() => {});
      return moving;
    },
  };
}
