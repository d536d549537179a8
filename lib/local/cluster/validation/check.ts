import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { StatusCause } from '../api-error.ts';

/** Finds what is wrong with an object of one kind. */
export type Check = (object: KubernetesObject) => StatusCause[];
