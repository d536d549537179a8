import { Link } from '../domain/links.ts';
import { Source } from '../domain/operation.ts';
import { Diagnosis, Reason } from '../domain/reason.ts';
import { Json } from '../domain/staging.ts';
import { Status } from '../domain/status.ts';
import { openApiDocument } from '../http/openapi.ts';
import { Problem } from '../http/problem.ts';
import { apiRoutes, clusterRoutes } from './api-routes.ts';
import { OperationSummary, OperationView, StagingView } from './views.ts';

/** The OpenAPI document of every route, whichever function serves it. */
export const apiDocument = (): unknown =>
  openApiDocument([...apiRoutes, ...clusterRoutes], {
    Diagnosis,
    Json,
    Link,
    Operation: OperationView,
    OperationSummary,
    Problem,
    Reason,
    Source,
    Staging: StagingView,
    Status,
  });
