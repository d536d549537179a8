import { NotFound, Superseded } from '../domain/errors.ts';
import { ApplyRejected } from '../domain/health/failures.ts';
import { namespaceOf } from '../domain/names.ts';
import type { Staging } from '../domain/staging.ts';

/** Which operation acts. */
export interface Acting {
  name: string;
  generation: number;
}

export interface StagingReader {
  /** consistent */
  get(name: string): Promise<Staging | undefined>;
}

/**
 * The staging as this operation may act on it.
 * @throws Superseded where a newer one was accepted, or the execution was declared lost; NotFound
 */
export async function readHeld(stagings: StagingReader, { name, generation }: Acting): Promise<Staging> {
  const staging = await stagings.get(name);
  if (!staging) throw new NotFound('staging', name);
  const isHeld = staging.generation === generation && staging.active?.generation === generation;
  if (!isHeld) throw new Superseded(generation, staging.generation);
  return staging;
}

/**
 * Acts, and where that fails looks at the fence before the failure counts: what a newer operation did to the cluster is
 * no failure of this one. The other way round, a cluster that knows a newer generation than the record is no hand-over:
 * there is nobody to hand over to.
 * @throws Superseded; ApplyRejected where the record was turned back; otherwise what `act` throws
 */
export async function unlessSuperseded<Result>(
  stagings: StagingReader,
  acting: Acting,
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    const staging = await stagings.get(acting.name).catch(() => undefined);
    if (staging && staging.generation > acting.generation) throw new Superseded(acting.generation, staging.generation);
    const isNewest = staging?.generation === acting.generation && staging.active?.generation === acting.generation;
    if (isNewest && error instanceof Superseded && error.newest > acting.generation) throw turnedBack(acting, error);
    throw error;
  }
}

const turnedBack = ({ name, generation }: Acting, cause: Superseded): ApplyRejected =>
  new ApplyRejected(
    `Namespace/${namespaceOf(name)}: was written by generation ${cause.newest}, and the record is at ${generation} only: ` +
      'it was restored from an older copy, or another installation has the same name',
    { cause },
  );
