import type { Control } from '../controllers/control.ts';
import type { Pod } from '../controllers/pod-view.ts';
import { type KnownPod, report } from './known-pod.ts';
import { membersOf } from './pod-lives.ts';
import { scenarioOf } from './scenario.ts';

/** Stops a deleted pod's containers, and removes it after a moment. */
export function terminate(control: Control, pod: Pod, known: KnownPod): number | undefined {
  const now = control.clock.now();
  if (known.goneAt === undefined) {
    const running = membersOf(pod, known.lives).filter(({ life }) => life.stage.kind === 'running');
    known.goneAt = now + (running.length === 0 ? 0 : delayOf(control, pod));
    for (const member of running) {
      const message = `Stopping container ${member.container.name}`;
      report(control, pod, { type: 'Normal', reason: 'Killing', message }, member);
    }
  }
  if (known.goneAt > now) return known.goneAt - now;
  control.storage.remove(control.kinds.pod, pod.metadata.namespace, pod.metadata.name, { gracePeriodSeconds: 0 });
  return undefined;
}

function delayOf({ timings }: Control, { spec, raw }: Pod): number {
  const grace = Number(raw.metadata['deletionGracePeriodSeconds'] ?? 30) * 1000;
  const isStuck = spec.containers.some(({ image }) => scenarioOf(image) === 'stuck-terminating');
  return isStuck ? Math.min(timings.stuckTermination, grace) : Math.min(timings.terminate, grace);
}
