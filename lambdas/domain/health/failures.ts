import { EndingError } from '../errors.ts';
import type { ReasonCode } from '../reason.ts';

/**
 * A deploy or teardown can't end well. The class is the reason, the message begins with `Kind/name: ` where one object is
 * concerned: that much of an error survives the state machine.
 */
export abstract class WorkloadFailed extends EndingError {}

export class ImageNotFound extends WorkloadFailed {
  override readonly name = 'ImageNotFound';
}
export class ImagePullDenied extends WorkloadFailed {
  override readonly name = 'ImagePullDenied';
}
export class CrashLoop extends WorkloadFailed {
  override readonly name = 'CrashLoop';
}
export class ConfigMissing extends WorkloadFailed {
  override readonly name = 'ConfigMissing';
}
export class Unschedulable extends WorkloadFailed {
  override readonly name = 'Unschedulable';
}
export class QuotaExceeded extends WorkloadFailed {
  override readonly name = 'QuotaExceeded';
}
export class RolloutStalled extends WorkloadFailed {
  override readonly name = 'RolloutStalled';
}
export class HookFailed extends WorkloadFailed {
  override readonly name = 'HookFailed';
}
export class ProbeFailed extends WorkloadFailed {
  override readonly name = 'ProbeFailed';
}
export class ApplyRejected extends WorkloadFailed {
  override readonly name = 'ApplyRejected';
}
export class TimedOut extends WorkloadFailed {
  override readonly name = 'TimedOut';
}
export class TeardownStuck extends WorkloadFailed {
  override readonly name = 'TeardownStuck';
}

/** What is wrong, before it is thrown. `object` is Kind/name. */
export interface Trouble {
  code: ReasonCode;
  object: string;
  message: string;
}

const classes: Partial<Record<ReasonCode, new (message: string) => WorkloadFailed>> = {
  ImageNotFound,
  ImagePullDenied,
  CrashLoop,
  ConfigMissing,
  Unschedulable,
  QuotaExceeded,
  HookFailed,
  ProbeFailed,
  ApplyRejected,
  TimedOut,
  TeardownStuck,
};

/** The error whose class is the trouble's code. */
export const workloadFailure = ({ code, object, message }: Trouble): WorkloadFailed =>
  new (classes[code] ?? RolloutStalled)(`${object}: ${message}`);
