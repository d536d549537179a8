/**
 * Why a value can't be sent as JSON of at most `limit` characters, or undefined. Stops counting at the limit: a YAML
 * alias makes a small text stand for a large tree.
 */
export function smallEnough(value: unknown, limit: number): string | undefined {
  let left = limit;
  const isJson = (node: unknown): boolean => {
    if (left < 0) return true;
    if (Array.isArray(node)) return spend(2) && node.every(isJson);
    if (typeof node === 'object' && node !== null) {
      return spend(2) && Object.entries(node).every(([key, child]) => spend(key.length + 4) && isJson(child));
    }
    if (typeof node === 'string') return spend(node.length + 3);
    return spend(5) && (typeof node === 'number' ? Number.isFinite(node) : node === null || typeof node === 'boolean');
  };
  const spend = (length: number): boolean => {
    left -= length;
    return true;
  };
  if (!isJson(value)) return 'holds a value that JSON does not know';
  return left < 0 ? `is larger than ${limit} bytes` : undefined;
}
