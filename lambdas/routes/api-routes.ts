import type { ApproveDeps } from '../actions/approve-sweep.ts';
import type { ListOperationsDeps } from '../actions/list-operations.ts';
import type { RequestDeps } from '../actions/request-staging.ts';
import type { ShowOperationDeps } from '../actions/show-operation.ts';
import type { Route } from '../http/route.ts';
import { approveSweep } from './approve-sweep.ts';
import { createStaging } from './create-staging.ts';
import { deleteStaging } from './delete-staging.ts';
import { getBlueprint } from './get-blueprint.ts';
import { getHealth } from './get-health.ts';
import { getOpenApi, type OpenApiDeps } from './get-openapi.ts';
import { getOperation } from './get-operation.ts';
import { getStaging } from './get-staging.ts';
import { listBlueprints } from './list-blueprints.ts';
import { listOperations } from './list-operations.ts';
import { listStagings } from './list-stagings.ts';
import { putStaging } from './put-staging.ts';
import { redeployStaging } from './redeploy-staging.ts';
import { showWorkloads } from './show-workloads.ts';

export type ApiDeps = RequestDeps & ShowOperationDeps & ListOperationsDeps & ApproveDeps & OpenApiDeps;

/** Routes of the `api` function. */
export const apiRoutes: readonly Route<ApiDeps>[] = [
  listStagings,
  createStaging,
  getStaging,
  putStaging,
  deleteStaging,
  listOperations,
  redeployStaging,
  getOperation,
  listBlueprints,
  getBlueprint,
  approveSweep,
  getOpenApi,
  getHealth,
];

/** Routes that only the `cluster` function can answer. */
export const clusterRoutes = [showWorkloads] as const;
