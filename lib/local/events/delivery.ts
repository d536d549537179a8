import type { Clock } from '../clock.ts';
import type { Target } from '../template/parts.ts';

/** Brings a JSON text to a target. @throws where the target did not take it */
export type Deliver = (target: Target, message: string) => Promise<void>;

export interface DeliveryInput {
  clock: Clock;
  /** 0 ≤ x < 1 */
  random: () => number;
  deliver: Deliver;
  /** Takes what could not be delivered in the end; `queueArn` is undefined where the target names no queue. */
  deadLetter: (queueArn: string | undefined, message: string, cause: string) => void;
}

export interface Delivery {
  /** Resolves when the message was taken, or was given up and lies with the dead letters. */
  send(target: Target, message: string): Promise<void>;
  /** Calls off what waits for another attempt. */
  stop(): void;
}

/** EventBridge tries for 24 hours and 185 times unless the target says otherwise. */
const defaultAge = 24 * 3_600;
const defaultAttempts = 185;
const longestWait = 15 * 60_000;

export function createDelivery({ clock, random, deliver, deadLetter }: DeliveryInput): Delivery {
  const waiting = new Set<() => void>();

  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const callOff = clock.after(milliseconds, () => {
        waiting.delete(callOff);
        resolve();
      });
      waiting.add(callOff);
    });

  return {
    async send(target, message) {
      const attempts = target.RetryPolicy?.MaximumRetryAttempts ?? defaultAttempts;
      const until = clock.now() + 1000 * (target.RetryPolicy?.MaximumEventAgeInSeconds ?? defaultAge);
      for (let retry = 0; ; retry++) {
        try {
          return await deliver(target, message);
        } catch (error) {
          const wait = Math.min(1000 * 2 ** retry, longestWait) * (0.5 + random() / 2);
          if (retry >= attempts || clock.now() + wait > until) {
            return deadLetter(target.DeadLetterConfig?.Arn, message, String(error));
          }
          await pause(wait);
        }
      }
    },
    stop() {
      for (const callOff of waiting) callOff();
      waiting.clear();
    },
  };
}
