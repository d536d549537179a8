import { describe, expect, it } from 'vitest';
import { chartValues, isValuesPath } from '../../../lambdas/domain/chart-values.ts';
import { blueprintWith } from '../../support/render.ts';

const source = { helm: { chart: './chart' } };

describe('isValuesPath', () => {
  it.each(['web', 'web.replicas', 'ingress.annotations.example\\.com/class'])('takes %s', (key) =>
    expect(isValuesPath(key)).toBe(true),
  );
  it.each(['', '.', 'a..b', 'a.', '.a', 'list[0]', 'list[0].name', 'list[]'])('refuses %j', (key) =>
    expect(isValuesPath(key)).toBe(false),
  );
});

describe('chartValues', () => {
  const blueprint = blueprintWith({
    source,
    values: 'any',
    defaults: { 'web.replicas': 1, 'web.cache': { size: 1, kind: 'lru' } },
    inputs: { mode: { type: 'string', description: 'd', default: 'sandbox', to: [{ values: 'pay.mode' }] } },
    host: [{ values: 'ingress.host' }, { values: 'public' }],
  });

  it('puts defaults under inputs, inputs under the request and the host over all', () => {
    expect(chartValues(blueprint, { 'web.replicas': 2, 'web.cache.size': 5, public: 'x' }, 'h')).toEqual({
      web: { replicas: 2, cache: { size: 5, kind: 'lru' } },
      pay: { mode: 'sandbox' },
      ingress: { host: 'h' },
      public: 'h',
    });
  });

  it('keeps null, with which Helm removes a default of the chart', () => {
    expect(chartValues(blueprint, { 'web.replicas': null, mode: null }, 'h')).toMatchObject({
      web: { replicas: null },
      pay: { mode: null },
    });
  });
});
