import type { Frame } from '../execution.ts';
import { StateError } from '../state-error.ts';

/** Why a Map or Parallel fails whose children failed: as the first of them, unless it would have tolerated some. */
export function childrenError(tolerated: number, failures: readonly Frame[]): StateError {
  const first = failures[0]?.phase;
  if (tolerated === 0 && first?.kind === 'failed') return new StateError(first.error, first.cause);
  return new StateError(
    'States.ExceedToleratedFailureThreshold',
    'The specified tolerated failure threshold was exceeded.',
  );
}
