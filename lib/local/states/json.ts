/** What crosses a state: JSON and nothing else. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws SyntaxError */
export function parseJson(text: string): Json {
  const value: Json = JSON.parse(text);
  return value;
}

/** The JSON that a value would become on the wire: undefined is null, dates are strings, functions are gone. */
export const toJson = (value: unknown): Json =>
  value === undefined ? null : parseJson(JSON.stringify(value) ?? 'null');

/** Bytes of a value as JSON text in UTF-8, which is how AWS counts payloads. */
export const byteLength = (value: Json): number => Buffer.byteLength(JSON.stringify(value));
