import { WorkloadView } from '../domain/workload-view.ts';
import { defineRoute, none } from '../http/route.ts';
import { NameParams } from './staging-body.ts';

export interface WorkloadsDeps {
  /** @throws NotFound, ClusterUnreachable */
  showWorkload: (name: string, late: AbortSignal) => Promise<WorkloadView>;
}

/** API Gateway hangs up after 30 s, and its caller would learn nothing; the function itself may run for 15 minutes. */
const patience = 25_000;

/** Served by the cluster function: no other may read the cluster. */
export const showWorkloads = defineRoute({
  method: 'GET',
  path: '/v1/stagings/{name}/workloads',
  operationId: 'showWorkloads',
  summary: 'What runs in the cluster for a staging',
  params: NameParams,
  query: none,
  body: none,
  answers: { 200: { description: 'as the cluster has it now', schema: WorkloadView } },
  problems: [404, 503],
  handle: async ({ params }, deps: WorkloadsDeps) => ({
    status: 200,
    body: await deps.showWorkload(params.name, AbortSignal.timeout(patience)),
  }),
});
