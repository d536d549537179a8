import type { Target } from '../cluster/prepare-objects.ts';
import type { Counts } from '../domain/health/judge.ts';
import type { ClusterDeps } from './cluster-deps.ts';

/** Readers poll or wait on the operation; more often than this nobody reads. */
const interval = 2_000;

interface ProgressTeller {
  /** Tells, where it says something new and the last time is long enough ago; never waits. */
  tell: (counts: Counts) => void;
  /** Waits for the write on its way; progress that can't be written is no reason to fail. */
  settled: () => Promise<void>;
}

/** Writes how far a deploy is to its operation. */
export function tellProgress(
  { operations, now }: Pick<ClusterDeps, 'operations' | 'now'>,
  { staging, generation }: Pick<Target, 'staging' | 'generation'>,
): ProgressTeller {
  let last = { text: '', at: Number.NEGATIVE_INFINITY };
  let write: Promise<unknown> = Promise.resolve();
  return {
    tell({ ready, total, message }) {
      const text = `${ready}/${total} ${message}`;
      const time = now();
      const isWhole = ready === total;
      if (text === last.text || (time - last.at < interval && !isWhole)) return;
      last = { text, at: time };
      const progress = { ready, total, message: message.slice(0, 512), at: new Date(time).toISOString() };
      write = write.then(() => operations.tellProgress({ staging, generation }, progress)).catch(() => undefined);
    },
    async settled() {
      await write;
    },
  };
}
