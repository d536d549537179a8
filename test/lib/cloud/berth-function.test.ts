import { expectTypeOf, it } from 'vitest';
import type { ClusterSettings, SweepSettings } from '../../../lambdas/settings.ts';
import type { Environment } from '../../../lib/cloud/berth-function.ts';

it('does not compile without a variable that the function reads', () => {
  expectTypeOf<Omit<Environment<SweepSettings>, 'SWEEP_BRAKE'>>().not.toExtend<Environment<SweepSettings>>();
  expectTypeOf<Environment<SweepSettings>>().toExtend<{ SWEEP_BRAKE: string; TABLE_NAME: string }>();
});

it('leaves out what all functions share, and what one can do without', () => {
  type Variables = keyof Environment<ClusterSettings, 'PROBE_BASE_URL'>;
  expectTypeOf<'HELM_PATH'>().toExtend<Variables>();
  expectTypeOf<'PROBE_BASE_URL'>().not.toExtend<Variables>();
  expectTypeOf<'POWERTOOLS_LOG_LEVEL'>().not.toExtend<Variables>();
});
