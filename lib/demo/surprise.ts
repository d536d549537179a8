/** Something went otherwise than the demo promises: it ends there, with the reason. */
export class Surprise extends Error {
  override readonly name = 'Surprise';
}

/** @throws Surprise */
export function expectThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Surprise(otherwise);
}
