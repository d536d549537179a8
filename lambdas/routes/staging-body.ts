import * as z from 'zod';
import { Duration } from '../domain/duration.ts';
import { StagingName } from '../domain/names.ts';
import { Source } from '../domain/operation.ts';
import { SourceOverrides, Values } from '../domain/staging.ts';

/** What a caller wants to run. */
export const StagingBody = z.strictObject({
  blueprint: z.string().min(1).max(40).describe('name of a blueprint, GET /v1/blueprints has them'),
  // No defaults here: generated clients would ask for what has one.
  values: Values.optional().describe(
    'inputs of the blueprint, by dotted key. `null` removes a default; a key that is left out has its default',
  ),
  overrides: SourceOverrides.optional().describe('how to deploy it, beside its configuration'),
  source: z.strictObject(Source.shape).optional().describe('which change this is'),
  owner: z.string().min(1).max(256).optional().describe('who it belongs to; the caller where it is new'),
  sequence: z
    .int()
    .nonnegative()
    .optional()
    .describe('a number that grows with every change, such as a CI run’s: a request with a lower one is refused'),
  ttl: Duration.refine((milliseconds) => milliseconds > 0, 'must be longer than nothing')
    .optional()
    .describe(
      'lifetime such as "3d" or "1h30m", from the last accepted change on; another one than before is a change, though nothing is deployed. The blueprint’s where absent',
    ),
});
export type StagingBody = z.infer<typeof StagingBody>;

/** The staging in a path. */
export const NameParams = z.strictObject({ name: StagingName });

/** The wish of a body, for one name. */
export const toWish = (name: string, { blueprint, values, overrides, source, owner, sequence, ttl }: StagingBody) => ({
  name,
  blueprint,
  values: values ?? {},
  overrides: overrides ?? {},
  source,
  owner,
  sequence,
  ttl,
});
