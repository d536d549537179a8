import type { Pauses } from '../../lambdas/cluster/transport.ts';

/** For servers of this machine, where nothing gets better by waiting. */
export const noPauses: Pauses = { first: 1, sleep: async () => {} };
