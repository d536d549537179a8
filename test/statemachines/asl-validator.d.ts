declare module 'asl-validator' {
  /** Published without types. */
  export default function validate(definition: unknown): { isValid: boolean; errors: unknown[] };
}
