import { describe, expect, it } from 'vitest';
import { createWorkQueue } from '../../../../../lib/local/cluster/controllers/work-queue.ts';
import { createManualClock } from '../../../../support/manual-clock.ts';

function queueThat(work: (key: string, times: number) => number | undefined) {
  const clock = createManualClock();
  const start = clock.now();
  const done: [string, number][] = [];
  const queue = createWorkQueue({
    clock,
    work(key) {
      done.push([key, clock.now() - start]);
      return work(key, done.length);
    },
  });
  return { clock, queue, done };
}

describe('the work queue', () => {
  it('does the work of a key once, however often it was asked for', () => {
    const { clock, queue, done } = queueThat(() => undefined);
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    clock.tick(100);

    expect(done.map(([key]) => key)).toEqual(['a', 'b']);
  });

  it('looks at a key again when it was told to, at the earliest of several times', () => {
    const { clock, queue, done } = queueThat((_key, times) => (times === 1 ? 50 : undefined));
    queue.add('a');
    queue.add('a', 20);
    clock.tick(10);
    queue.add('a', 5);
    clock.tick(1000);

    expect(done).toEqual([
      ['a', 0],
      ['a', 15],
    ]);
  });

  it('tries a failed key again, ever later, without holding up the others', () => {
    const { clock, queue, done } = queueThat((key, times) => {
      if (key === 'bad' && times < 6) throw new Error('not yet');
      return undefined;
    });
    queue.add('bad');
    queue.add('good');
    clock.tick(1000);

    expect(done).toEqual([
      ['bad', 0],
      ['good', 0],
      ['bad', 10],
      ['bad', 30],
      ['bad', 70],
      ['bad', 150],
    ]);
  });

  it('does nothing more once it is stopped', () => {
    const { clock, queue, done } = queueThat(() => 10);
    queue.add('a');
    clock.tick(5);
    queue.stop();
    queue.add('b');
    clock.tick(1000);

    expect(done).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('is idle as soon as no key waits for its turn', async () => {
    const { clock, queue, done } = queueThat(() => undefined);
    for (let count = 0; count < 200; count += 1) queue.add(`key-${count}`);
    const idle = queue.idle();
    clock.tick(0);
    await idle;

    expect(done).toHaveLength(200);
  });
});
