import type { KubernetesObject } from '../kubernetes-object.ts';
import type { ReasonCode } from '../reason.ts';

/**
 * How one object is. `failed` means that waiting won't help; `since` tells, where the object does, when that came to be (ISO
 * 8601).
 */
export type ObjectHealth =
  | { state: 'ready'; message: string }
  | { state: 'waiting'; message: string }
  | { state: 'failed'; code: ReasonCode; message: string; since?: string | null | undefined };

/** What is known of the namespace at one moment. */
export interface View {
  /** every known object of a group and kind, such as `apps/Deployment` or `Pod` */
  of(groupKind: string): readonly KubernetesObject[];
  /** milliseconds since 1970 */
  now: number;
}

/** Judges one object of one kind. */
export type Rule = (object: KubernetesObject, view: View) => ObjectHealth;

export const ready = (message = 'ready'): ObjectHealth => ({ state: 'ready', message });
export const waiting = (message: string): ObjectHealth => ({ state: 'waiting', message });
export const failed = (code: ReasonCode, message: string, since?: string | null): ObjectHealth => ({
  state: 'failed',
  code,
  message,
  since,
});
