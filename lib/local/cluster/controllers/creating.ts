import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { ApiError } from '../api-error.ts';
import type { Control } from './control.ts';

interface Outcome {
  created?(object: KubernetesObject): void;
  refused?(error: ApiError): void;
}

/** Creates an object. @returns what the API server refused it with, if it did */
export function tryToCreate(
  { storage }: Control,
  object: KubernetesObject,
  outcome: Outcome = {},
): ApiError | undefined {
  try {
    const created = storage.create(object);
    outcome.created?.(created);
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (!isBeingDeleted(error)) outcome.refused?.(error);
    return error;
  }
}

/** Whether creating failed because the namespace is on its way out: nothing to report or to try again. */
export const isBeingDeleted = ({ code, message }: ApiError): boolean =>
  (code === 403 && message.includes('because it is being terminated')) || code === 404;

export const alreadyThere = (error: ApiError | undefined): boolean => error?.status.reason === 'AlreadyExists';
