import type { KubernetesObject } from '../kubernetes-object.ts';
import { containersOf } from './containers.ts';

const pullErrors: ReadonlySet<string> = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable']);

export const isPullError = (reason: string | null | undefined): boolean => pullErrors.has(reason ?? '');

/**
 * How often each container was seen failing to pull, by distinct states of its pod. Once may be a registry that lags
 * behind a push; the second time it is believed.
 */
export class PullSightings {
  readonly #seen = new Map<string, Set<string>>();
  readonly #messages = new Map<string, string>();

  /** Takes in a state of a pod; the same state again changes nothing. */
  see(pod: KubernetesObject): void {
    for (const { name, state } of containersOf(pod)) {
      if (!isPullError(state?.waiting?.reason)) continue;
      const key = keyOf(pod, name);
      const states = this.#seen.get(key) ?? new Set();
      states.add(`${pod.metadata.resourceVersion}`);
      this.#seen.set(key, states);
      // ImagePullBackOff says less than the ErrImagePull before it: the cause is kept.
      if (state?.waiting?.reason === 'ErrImagePull' && state.waiting.message)
        this.#messages.set(key, state.waiting.message);
    }
  }

  count(pod: KubernetesObject, container: string): number {
    return this.#seen.get(keyOf(pod, container))?.size ?? 0;
  }

  /** The registry's answer, where it was seen. */
  message(pod: KubernetesObject, container: string): string | undefined {
    return this.#messages.get(keyOf(pod, container));
  }
}

const keyOf = (pod: KubernetesObject, container: string): string => `${pod.metadata.uid}/${container}`;
