import { beforeEach, describe, expect, it, vi } from 'vitest';
import { requestStaging, type StagingWish } from '../../../lambdas/actions/request-staging.ts';
import { Conflict, InputRefused } from '../../../lambdas/domain/errors.ts';
import { aStagingThatIs, asFirst } from '../../support/stagings.ts';
import { aWorld, type World } from '../../support/world.ts';

let world: World;
beforeEach(() => {
  world = aWorld();
});

const wish = (over: Partial<StagingWish> = {}): StagingWish => ({
  name: 'a',
  blueprint: 'hello',
  values: { imageTag: 'v1' },
  overrides: {},
  ...over,
});

describe('a change of a staging', () => {
  it('is decided anew where somebody else was faster', async () => {
    const save = world.stagings.save.bind(world.stagings);
    vi.spyOn(world.stagings, 'save').mockImplementationOnce(async () => {
      await save(asFirst(aStagingThatIs('Running', { name: 'a' })));
      throw new Conflict('somebody else');
    });

    const { staging } = await requestStaging(world, wish({ values: { imageTag: 'v9' } }), 'ann');

    expect(staging.generation).toBe(2);
  });

  it('is nothing where somebody else asked for the same and was faster', async () => {
    const save = world.stagings.save.bind(world.stagings);
    vi.spyOn(world.stagings, 'save').mockImplementationOnce(async () => {
      await save(asFirst(aStagingThatIs('Running', { name: 'a' })));
      throw new Conflict('somebody else');
    });

    const { operation } = await requestStaging(world, wish(), 'bob');

    expect(operation).toBeUndefined();
  });

  it('is given up where others are always faster', async () => {
    const save = vi.spyOn(world.stagings, 'save').mockRejectedValue(new Conflict('somebody else'));

    await expect(requestStaging(world, wish(), 'ann')).rejects.toThrow(Conflict);
    expect(save).toHaveBeenCalledTimes(5);
    expect([...world.executions.started]).toEqual([]);
  });

  it('keeps the record small while one execution stands in the way of many requests', async () => {
    await world.stagings.save(asFirst(aStagingThatIs('Deploying', { name: 'a' })));

    for (let turn = 0; turn < 40; turn += 1) {
      await requestStaging(world, wish({ values: { imageTag: `v${turn + 2}` } }), 'ann');
    }

    const staging = await world.stagings.get('a');
    expect(staging?.generation).toBe(41);
    expect(staging?.displaced.length).toBeLessThanOrEqual(17);
    const kept = [...world.operations.all(), ...(staging?.displaced ?? [])].map((operation) => operation.generation);
    expect(kept.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it('is refused with every field that the blueprint does not allow', async () => {
    const request = requestStaging(world, wish({ values: { other: 1 }, ttl: 10 ** 12 }), 'ann');

    await expect(request).rejects.toThrow(InputRefused);
    await expect(request).rejects.toMatchObject({ problems: [{ field: 'values.other' }, { field: 'ttl' }] });
  });
});
