import type { Container } from '../controllers/pod-view.ts';

/** What a kubelet says of a readiness probe that fails. */
export function probeFailure({ readinessProbe, ports }: Container, podIP: string): string {
  if (readinessProbe?.tcpSocket) {
    const { port } = readinessProbe.tcpSocket;
    const number = typeof port === 'number' ? port : ports.find(({ name }) => name === port)?.containerPort;
    return `Readiness probe failed: dial tcp ${podIP}:${number ?? port}: connect: connection refused`;
  }
  if (readinessProbe?.exec) return 'Readiness probe failed: command exited with code 1';
  return 'Readiness probe failed: HTTP probe failed with statuscode: 503';
}
