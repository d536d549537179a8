import { describe, expect, it } from 'vitest';
import { Superseded } from '../../../lambdas/domain/errors.ts';
import { tellStep } from '../../../lambdas/steps/tell-step.ts';

function telling(fail = false) {
  const told: string[] = [];
  const warned: string[] = [];
  const tell = async (text: string) => {
    if (fail) throw new Error('no table');
    told.push(text);
  };
  const deps = {
    now: () => 0,
    log: { info: () => {}, warn: (message: string) => void warned.push(message), error: () => {} },
    operations: {
      startStep: (_key: unknown, step: string, at: string) => tell(`${step} starts ${at}`),
      endStep: (_key: unknown, step: string, at: string, error?: string) =>
        tell(`${step} ends ${at} ${error ?? 'well'}`),
    },
  };
  const run = <Answer>(act: () => Promise<Answer>) => tellStep(deps, { staging: 'a', generation: 1 }, 'Apply', act);
  return { told, warned, run };
}
const epoch = '1970-01-01T00:00:00.000Z';

describe('a step', () => {
  it('tells its operation when it starts and how it ends', async () => {
    const { told, run } = telling();
    expect(await run(async () => 42)).toBe(42);
    expect(told).toEqual([`Apply starts ${epoch}`, `Apply ends ${epoch} well`]);
  });

  it('tells the name of the error it ends with', async () => {
    const { told, run } = telling();
    await expect(run(() => Promise.reject(new Superseded(1, 2)))).rejects.toBeInstanceOf(Superseded);
    expect(told.at(-1)).toBe(`Apply ends ${epoch} Superseded`);
  });

  it('is not failed by the telling', async () => {
    const { warned, run } = telling(true);
    expect(await run(async () => 42)).toBe(42);
    expect(warned).toHaveLength(2);
  });
});
