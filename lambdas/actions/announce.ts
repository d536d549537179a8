import type { StagingEvent } from '../domain/event.ts';
import { type Link, linksOf } from '../domain/links.ts';
import type { Staging } from '../domain/staging.ts';
import type { Blueprints } from '../render/blueprints.ts';
import type { EventBus } from '../stores/events.ts';
import type { Log } from './log.ts';

export interface AnnounceDeps {
  now(): Date;
  events: EventBus;
  blueprints: Pick<Blueprints, 'get'>;
  publicBaseUrl: string;
  log: Log;
}

/**
 * Tells the bus of a change of status; nothing where the status is the same. The record stands whatever the bus says: an
 * event that could not be put, after the client's own tries, is an error in the log.
 */
export async function announce(deps: AnnounceDeps, before: Staging, after: Staging): Promise<void> {
  if (before.status === after.status) return;
  const event: StagingEvent = {
    detailType: 'Staging Status Changed',
    detail: {
      name: after.name,
      from: before.status,
      to: after.status,
      ...(after.reason === undefined ? {} : { reason: after.reason }),
      links: linksFor(deps, after),
      actor: after.operation.actor,
      operationId: after.operation.id,
    },
  };
  try {
    await deps.events.put(event, deps.now());
  } catch (error) {
    deps.log.error('event could not be put', { staging: after.name, event, error });
  }
}

export const linksFor = (deps: Pick<AnnounceDeps, 'blueprints' | 'publicBaseUrl'>, staging: Staging): Link[] =>
  linksOf(staging.name, deps.blueprints.get(staging.desired.blueprint)?.blueprint, deps.publicBaseUrl);
