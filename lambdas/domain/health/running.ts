import { at, conditionOf, textAt } from './fields.ts';
import { failed, type Rule, ready, waiting } from './object-health.ts';

/** Pod: ready, or done. What a pod that isn't ready suffers from is told by `pod-trouble.ts`. */
export const podHealth: Rule = (object) => {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Succeeded') return ready('done');
  if (phase === 'Failed') {
    return failed(
      'CrashLoop',
      `ended with a failure: ${textAt(object, 'status', 'message') ?? textAt(object, 'status', 'reason') ?? 'a container did not end with exit code 0'}`,
    );
  }
  return conditionOf(object, 'Ready')?.status === 'True' ? ready() : waiting(`is ${phase ?? 'Pending'}, not ready`);
};

/** batch/Job: complete. A suspended one was not meant to run. */
export const jobHealth: Rule = (object) => {
  // FailureTarget and SuccessCriteriaMet come first, while pods are still being cleared away.
  const failure = [conditionOf(object, 'Failed'), conditionOf(object, 'FailureTarget')].find(
    (condition) => condition?.status === 'True',
  );
  if (failure) {
    const code = failure.reason === 'DeadlineExceeded' ? 'TimedOut' : 'CrashLoop';
    return failed(code, `failed: ${failure.message || failure.reason || 'no reason given'}`);
  }
  if (conditionOf(object, 'Complete')?.status === 'True') return ready('complete');
  if (at(object, 'spec', 'suspend') === true) return ready('suspended');
  return waiting('runs, not complete');
};
