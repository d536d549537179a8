import * as z from 'zod';
import { Link } from './links.ts';
import { Reason } from './reason.ts';
import { Status } from './status.ts';

/** `source` of every event of Berth. */
export const eventSource = 'berth';

/** Detail of `Staging Status Changed`. */
export const StatusChanged = z.object({
  name: z.string(),
  from: Status,
  to: Status,
  reason: Reason.optional(),
  links: z.array(Link),
  actor: z.string(),
  operationId: z.string(),
});
export type StatusChanged = z.infer<typeof StatusChanged>;

/** Detail of `Staging Expiring`: the owner has until then to say that it is still needed. */
export const StagingExpiring = z.object({
  name: z.string(),
  owner: z.string(),
  expiresAt: z.iso.datetime().optional(),
  links: z.array(Link),
});
export type StagingExpiring = z.infer<typeof StagingExpiring>;

/** What happened, as it is told to the bus. */
export type StagingEvent =
  | { detailType: 'Staging Status Changed'; detail: StatusChanged }
  | { detailType: 'Staging Expiring'; detail: StagingExpiring };
