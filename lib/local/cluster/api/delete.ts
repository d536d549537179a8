import * as z from 'zod';
import { badRequest, invalidOptions } from '../api-error.ts';
import type { Stored } from '../object-table.ts';
import { unsupportedValue } from '../validation/problems.ts';
import type { DeleteOptions, User } from '../write-context.ts';
import { answer, presentFor, success } from './answer.ts';
import { parseBody } from './body.ts';
import { listObject, selected } from './list.ts';
import type { ApiParts } from './parts.ts';
import type { ApiResponse, ResourceRequest } from './request.ts';

const Policy = z.enum(['Foreground', 'Background', 'Orphan']).nullish();

const Options = z.object({
  preconditions: z.object({ uid: z.string().optional(), resourceVersion: z.string().optional() }).nullish(),
  propagationPolicy: z.string().nullish(),
  dryRun: z.array(z.literal('All')).nullish(),
  gracePeriodSeconds: z.number().nullish(),
});

function optionsOf(request: ResourceRequest): { options: DeleteOptions; isDryRun: boolean } {
  const { body = '' } = request.request;
  const parsed = Options.safeParse(body.trim() === '' ? {} : parseBody(request.request));
  if (!parsed.success) throw badRequest(`DeleteOptions: ${z.prettifyError(parsed.error)}`);
  const fromQuery = request.query.get('propagationPolicy');
  const wanted = fromQuery ?? parsed.data.propagationPolicy;
  const policy = Policy.safeParse(wanted);
  if (!policy.success) {
    const supported = ['Foreground', 'Background', 'Orphan', 'nil'];
    throw invalidOptions('DeleteOptions', unsupportedValue('propagationPolicy', wanted, supported));
  }
  const { preconditions, dryRun } = parsed.data;
  const grace = request.query.get('gracePeriodSeconds') ?? parsed.data.gracePeriodSeconds ?? undefined;
  const conditions = Object.entries(preconditions ?? {}).filter(([, value]) => value !== undefined);
  return {
    options: {
      ...(conditions.length === 0 ? {} : { preconditions: Object.fromEntries(conditions) }),
      ...(grace === undefined ? {} : { gracePeriodSeconds: Number(grace) }),
      ...(policy.data ? { propagationPolicy: policy.data } : {}),
    },
    isDryRun: (dryRun ?? request.query.getAll('dryRun')).length > 0,
  };
}

/** Answers with a Status once the object is gone, and with the object while something still holds it. */
export function deleteObject(parts: ApiParts, request: ResourceRequest, user: User): ApiResponse {
  const { resource, namespace, name = '' } = request;
  const { options, isDryRun } = optionsOf(request);
  const stored = parts.store.require(resource, namespace, name);
  const { object, isGone } = parts.store.delete(stored, { user, isDryRun }, options);
  if (!isGone) return answer(presentFor(request.request)({ object, managers: stored.managers }));
  const { uid = '' } = object.metadata;
  return answer(
    success({ name, ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.plural, uid }),
  );
}

export function deleteCollection(parts: ApiParts, request: ResourceRequest, user: User): ApiResponse {
  const { options, isDryRun } = optionsOf(request);
  const { table } = parts.store;
  const deleted = selected(table, request).flatMap((stored): Stored[] => {
    const { namespace, name = '' } = stored.object.metadata;
    // An earlier deletion of this call may have taken it along.
    const latest = table.get(request.resource, namespace, name);
    if (latest === undefined) return [];
    return [{ ...latest, object: parts.store.delete(latest, { user, isDryRun }, options).object }];
  });
  return answer(listObject(request, { items: deleted, resourceVersion: String(table.revision) }));
}
