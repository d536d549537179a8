import { isRecord, type JsonRecord } from '../json.ts';

/** The record with every default whose key is absent or null. */
export function fill(record: JsonRecord, defaults: JsonRecord): JsonRecord {
  const missing = Object.entries(defaults).filter(
    ([key, value]) => value !== undefined && (record[key] === undefined || record[key] === null),
  );
  return missing.length === 0 ? record : { ...record, ...Object.fromEntries(missing) };
}

/** The record with one value changed, where that value is there. */
export function change(record: JsonRecord, key: string, changed: (value: JsonRecord) => JsonRecord): JsonRecord {
  const value = record[key];
  return isRecord(value) ? { ...record, [key]: changed(value) } : record;
}

/** The record with every element of one list changed, where that list is there. */
export function changeEach(record: JsonRecord, key: string, changed: (value: JsonRecord) => JsonRecord): JsonRecord {
  const list = record[key];
  if (!Array.isArray(list)) return record;
  return { ...record, [key]: list.map((element: unknown) => (isRecord(element) ? changed(element) : element)) };
}
