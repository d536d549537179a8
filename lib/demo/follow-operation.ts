import type { BerthClient, OperationAnswer } from './berth-client.ts';
import type { Teller } from './teller.ts';

/** Waits for an operation's end and tells each thing that happens on the way: the step, how much is ready, how long it took. */
export async function followOperation(client: BerthClient, tell: Teller, id: string): Promise<OperationAnswer> {
  const told = new Set<string>();
  for (;;) {
    const operation = await client.operation(id, 1);
    const begun = Date.parse(operation.requestedAt);
    for (const { at, text } of happenings(operation)) {
      if (told.has(text)) continue;
      told.add(text);
      tell.at((Date.parse(at) - begun) / 1000, text);
    }
    if (operation.outcome !== undefined) {
      tell.at((Date.parse(operation.endedAt ?? operation.requestedAt) - begun) / 1000, operation.outcome);
      return operation;
    }
  }
}

function happenings({ steps, progress }: OperationAnswer): Array<{ at: string; text: string }> {
  const begun = steps.map(({ name, startedAt }) => ({ at: startedAt, text: name }));
  const ready = progress
    ? [{ at: progress.at, text: `${progress.ready} of ${progress.total} objects ready: ${progress.message}` }]
    : [];
  return [...begun, ...ready].toSorted((left, right) => left.at.localeCompare(right.at));
}

/** How long an operation took, in seconds of the host's clock. */
export const secondsOf = ({ requestedAt, endedAt }: OperationAnswer): number =>
  (Date.parse(endedAt ?? requestedAt) - Date.parse(requestedAt)) / 1000;
