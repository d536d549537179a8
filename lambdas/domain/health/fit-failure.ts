import type { Failure } from '../reason.ts';

/** Failures travel through the state machine and lie in the staging's item: this much is for them. */
export const failureLimit = 16 * 1024;

const sizeOf = (failure: Failure): number => new TextEncoder().encode(JSON.stringify(failure)).length;

/** Cuts a failure's diagnosis until its JSON is under 16 KiB: oldest log lines first, then oldest events. */
export function fitFailure(failure: Failure): Failure {
  let fitted = failure;
  while (sizeOf(fitted) >= failureLimit) {
    const shorter = shorten(fitted);
    if (!shorter) return { reason: failure.reason };
    fitted = shorter;
  }
  return fitted;
}

function shorten({ reason, diagnosis }: Failure): Failure | undefined {
  if (!diagnosis) return undefined;
  const { events, containers } = diagnosis;
  const lines = Math.max(0, ...containers.map(({ logs }) => logs.length));
  if (lines > 0) {
    const cut = containers.map((container) =>
      container.logs.length === lines ? { ...container, logs: container.logs.slice(1) } : container,
    );
    return { reason, diagnosis: { events, containers: cut } };
  }
  return events.length > 0 ? { reason, diagnosis: { events: events.slice(0, -1), containers } } : undefined;
}
