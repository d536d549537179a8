import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';

/** As much of a pod's description as blueprints are judged by. */
export interface PodSpec {
  hostNetwork?: boolean;
  securityContext?: { runAsNonRoot?: boolean; seccompProfile?: { type: string } };
  containers: Container[];
  initContainers?: Container[];
  volumes?: { name: string; hostPath?: object }[];
}

interface Container {
  name: string;
  image: string;
  env?: { name: string; value: string }[];
  ports?: { hostPort?: number }[];
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: {
    privileged?: boolean;
    allowPrivilegeEscalation?: boolean;
    capabilities?: { add?: string[]; drop?: string[] };
  };
}

interface Template {
  spec: PodSpec;
}
interface Spec {
  template?: Template;
  jobTemplate?: { spec: { template: Template } };
}

/** The pods that a workload object makes; undefined for other kinds. */
export function podSpecOf(object: KubernetesObject): PodSpec | undefined {
  const spec = object.spec as Spec | undefined;
  return spec?.template?.spec ?? spec?.jobTemplate?.spec.template.spec;
}

const units: Record<string, number> = { '': 1, m: 0.001, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** Value of a Kubernetes quantity, in cores or bytes. */
export function quantity(text: string): number {
  const [, digits = '', unit = ''] = /^([\d.]+)([A-Za-z]*)$/.exec(text) ?? [];
  return Number(digits) * (units[unit] ?? Number.NaN);
}
