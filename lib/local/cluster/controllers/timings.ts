/**
 * How long things take here, in milliseconds: shorter than in a real cluster, in the same proportions. Delays that a workload asks
 * for itself in seconds (deadlines, minReadySeconds, ttlSecondsAfterFinished, schedules) are kept as they are.
 */
export interface Timings {
  /** pulling an image, whether it is there or not */
  pull: number;
  /** from created to started */
  start: number;
  /** from started to ready, where there is a readiness probe; a probe's own delays are left out */
  readiness: number;
  /** the same for the tag `slow` */
  slow: number;
  /** how long init containers and Jobs run */
  run: number;
  /** how long a container of the tags `crash` and `oom` lives */
  crash: number;
  /** first delay of CrashLoopBackOff, doubled with each restart; a real kubelet begins with 10 s */
  crashBackoff: number;
  /** first delay of ImagePullBackOff, doubled with each try; a real kubelet begins with 10 s */
  pullBackoff: number;
  /** how long ErrImagePull or a terminated state is seen before its back-off shows */
  glimpse: number;
  /** until a deleted pod is gone */
  terminate: number;
  /** the same for the tag `stuck-terminating`, but never longer than its grace period */
  stuckTermination: number;
  /** first delay between the pods of a failing Job; a real controller begins with 10 s */
  jobBackoff: number;
  /** until a claim is bound */
  bind: number;
  /** until an Ingress or a LoadBalancer Service has its address, and until it has lost it */
  loadBalancer: number;
}

export const usualTimings: Timings = {
  pull: 80,
  start: 60,
  readiness: 120,
  slow: 5000,
  run: 250,
  crash: 150,
  crashBackoff: 350,
  pullBackoff: 400,
  glimpse: 100,
  terminate: 100,
  stuckTermination: 30_000,
  jobBackoff: 300,
  bind: 100,
  loadBalancer: 200,
};
