import * as z from 'zod';
import { StagingName } from './names.ts';

/** A sweep that would have ended more stagings than it may, and waits for an operator. */
export const BrakedSweep = z.object({
  id: z.string(),
  brakedAt: z.iso.datetime(),
  /** what would have ended */
  names: z.array(StagingName),
  approvedAt: z.iso.datetime().optional(),
  approvedBy: z.string().optional(),
  /** when what would have ended was few enough again, without an operator */
  releasedAt: z.iso.datetime().optional(),
});
export type BrakedSweep = z.infer<typeof BrakedSweep>;

/** Whether it still waits. */
export const isOpen = (sweep: BrakedSweep): boolean => sweep.approvedAt === undefined && sweep.releasedAt === undefined;

/** A sweep's id says when it was: 20261123T014500123. */
export const sweepIdAt = (now: Date): string => now.toISOString().replace(/[-:.Z]/g, '');
