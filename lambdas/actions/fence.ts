import { NotFound, Superseded } from '../domain/errors.ts';
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
