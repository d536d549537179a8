import { Link } from '../domain/links.ts';
import { OperationKind, OperationStep, Outcome, Progress, Source } from '../domain/operation.ts';
import { Diagnosis, Reason, ReasonCode } from '../domain/reason.ts';
import { Json, SourceOverrides } from '../domain/staging.ts';
import { Status } from '../domain/status.ts';
import { BrakedSweep } from '../domain/sweep.ts';
import { WorkloadView } from '../domain/workload-view.ts';
import { openApiDocument } from '../http/openapi.ts';
import { Problem } from '../http/problem.ts';
import { apiRoutes, clusterRoutes } from './api-routes.ts';
import { BlueprintSummary, BlueprintView, InputView } from './blueprint-views.ts';
import { BranchBody } from './create-staging.ts';
import { StagingBody } from './staging-body.ts';
import { OperationSummary, OperationView, StagingView } from './views.ts';

/** The OpenAPI document of every route, whichever function serves it. The names are those of a generated client's types. */
export const apiDocument = (): unknown =>
  openApiDocument([...apiRoutes, ...clusterRoutes], {
    Blueprint: BlueprintView,
    BlueprintInput: InputView,
    BlueprintSummary,
    BranchRequest: BranchBody,
    Diagnosis,
    Json,
    Link,
    Operation: OperationView,
    OperationKind,
    OperationStep,
    OperationSummary,
    Outcome,
    Problem,
    Progress,
    Reason,
    ReasonCode,
    Source,
    SourceOverrides,
    Staging: StagingView,
    StagingRequest: StagingBody,
    Status,
    Sweep: BrakedSweep,
    Workload: WorkloadView,
  });
