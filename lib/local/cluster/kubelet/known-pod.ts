import type { Control } from '../controllers/control.ts';
import type { Pod } from '../controllers/pod-view.ts';
import type { KubeletEvent, Life } from './life.ts';
import type { Member } from './pod-lives.ts';
import type { Sandbox } from './pod-status.ts';

/** What the kubelet knows of a pod besides its stored status: times to the millisecond. */
export interface KnownPod {
  uid: string;
  lives: Map<string, Life>;
  sandbox: Sandbox | undefined;
  failedMounts: number;
  goneAt: number | undefined;
}

/** Records what the kubelet says of a pod, or of one of its containers. */
export function report(control: Control, pod: Pod, event: KubeletEvent, container?: Member): void {
  const field = container?.kind === 'main' ? 'containers' : 'initContainers';
  control.events.record({
    about: pod.raw,
    ...event,
    component: 'kubelet',
    host: pod.spec.nodeName ?? undefined,
    fieldPath: container === undefined ? undefined : `spec.${field}{${container.container.name}}`,
  });
}
