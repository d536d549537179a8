import { describe, expect, it } from 'vitest';
import { tellProgress } from '../../../lambdas/actions/tell-progress.ts';
import type { Progress } from '../../../lambdas/domain/operation.ts';

function teller(write: () => Promise<void> = async () => {}) {
  const told: Progress[] = [];
  let now = 0;
  const operations = {
    tellProgress: async (_operation: unknown, progress: Progress) => {
      told.push(progress);
      await write();
    },
  };
  const progress = tellProgress({ operations, now: () => now }, { staging: 'a', generation: 1 });
  return {
    told: async () => {
      await progress.settled();
      return told.map(({ ready, total }) => `${ready}/${total}`);
    },
    tell: (at: number, ready: number, total = 3) => {
      now = at;
      progress.tell({ ready, total, message: 'web' });
    },
  };
}

describe('progress', () => {
  it('is written when it changes, and not more often than every two seconds', async () => {
    const { tell, told } = teller();
    tell(0, 0);
    tell(10, 0);
    tell(1999, 1);
    tell(2000, 1);
    tell(2001, 2);
    expect(await told()).toEqual(['0/3', '1/3']);
  });

  it('is written at once when all is ready', async () => {
    const { tell, told } = teller();
    tell(0, 0);
    tell(1, 3);
    expect(await told()).toEqual(['0/3', '3/3']);
  });

  it('that cannot be written fails nothing', async () => {
    const { tell, told } = teller(() => Promise.reject(new Error('no table')));
    tell(0, 0);
    tell(3000, 3);
    expect(await told()).toEqual(['0/3', '3/3']);
  });
});
