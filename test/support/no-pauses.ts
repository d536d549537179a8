import type { Patience } from '../../lambdas/cluster/connection.ts';
import type { Pauses } from '../../lambdas/cluster/transport.ts';

/** For servers of this machine, where nothing gets better by waiting. */
export const noPauses: Pauses = { first: 1, sleep: async () => {} };

/** On this machine, who says nothing for so long is dead: a cut HTTP/2 session that was writing doesn't hear of its end. */
export const littlePatience: Patience = { connect: 5_000, headers: 2_000, body: 30_000 };
