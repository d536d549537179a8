/** A key field of an associative list, and the value it has where it is left out. */
export interface KeyField {
  name: string;
  default?: string;
}

export type ScalarType = 'string' | 'integer' | 'number' | 'boolean' | 'intOrString' | 'quantity' | 'date';

/** What a field may hold, and how two writers of it are merged. Atomic means: one writer owns all of it. */
export type Schema =
  | { kind: 'scalar'; type: ScalarType }
  | { kind: 'any' }
  | { kind: 'map'; values: Schema; isAtomic: boolean }
  | { kind: 'list'; items: Schema; merge: 'atomic' | 'set' | readonly KeyField[] }
  | StructSchema;

export interface StructSchema {
  kind: 'struct';
  /** name for messages, as Go types have one */
  typeName: string;
  /** undefined where there is no such field */
  field(name: string): Schema | undefined;
  required: readonly string[];
  isAtomic: boolean;
  /** fields nobody declared are kept as they are */
  keepsUnknown: boolean;
}

/** Whether only the whole value has an owner. */
export const isAtomic = (schema: Schema): boolean => {
  if (schema.kind === 'scalar' || schema.kind === 'any') return true;
  return schema.kind === 'list' ? schema.merge === 'atomic' : schema.isAtomic;
};

/** The schema below a key of a map or struct; undefined where the struct has no such field. */
export const childSchema = (schema: Schema, key: string): Schema | undefined => {
  if (schema.kind === 'map') return schema.values;
  if (schema.kind === 'struct') return schema.field(key) ?? (schema.keepsUnknown ? anyValue : undefined);
  return anyValue;
};

export const anyValue: Schema = { kind: 'any' };
