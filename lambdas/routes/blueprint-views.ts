import * as z from 'zod';
import { type Blueprint, BlueprintInput } from '../domain/blueprint.ts';
import { formatDuration } from '../domain/duration.ts';

export const BlueprintSummary = z.object({ name: z.string(), description: z.string() });

/** One thing that a request may set, without where it goes. */
export const InputView = z.object({ ...BlueprintInput.omit({ to: true }).shape, required: z.boolean() });

/** A blueprint as callers see it: what may be set, and how long a staging of it lives. */
export const BlueprintView = BlueprintSummary.extend({
  inputs: z.record(z.string(), InputView),
  values: z.enum(['inputs', 'any']).describe('"any": chart values that are no input may be set too'),
  lifetime: z.object({ ttl: z.string(), maxTtl: z.string(), onExpiry: z.enum(['delete', 'archive']) }),
  caps: z.object({ total: z.int().optional(), perOwner: z.int().optional() }),
});

export function toBlueprintView(blueprint: Blueprint): z.infer<typeof BlueprintView> {
  const { name, description, inputs, values, lifetime, caps } = blueprint;
  const { ttl, maxTtl, onExpiry } = lifetime;
  const { whenFull: _whenFull, ...limits } = caps;
  const shown = Object.entries(inputs).map(([key, { to: _to, ...input }]) => [key, input] as const);
  return {
    name,
    description,
    inputs: Object.fromEntries(shown),
    values,
    lifetime: { ttl: formatDuration(ttl), maxTtl: formatDuration(maxTtl), onExpiry },
    caps: limits,
  };
}
