/**
 * How many characters a value takes as JSON, or why it can't be sent so. Stops counting at the limit: a YAML alias makes a
 * small text stand for a large tree.
 */
export function jsonSize(value: unknown, limit: number): { size: number } | { problem: string } {
  let size = 0;
  const isJson = (node: unknown): boolean => {
    if (size > limit) return true;
    if (Array.isArray(node)) return spend(2) && node.every(isJson);
    if (typeof node === 'object' && node !== null) {
      return spend(2) && Object.entries(node).every(([key, child]) => isText(key) && spend(1) && isJson(child));
    }
    if (typeof node === 'string') return isText(node);
    return spend(5) && (typeof node === 'number' ? Number.isFinite(node) : node === null || typeof node === 'boolean');
  };
  /** Half a pair of surrogates is no character: the API server would make another of it. */
  const isText = (text: string): boolean => spend(text.length + 3) && text.isWellFormed();
  const spend = (length: number): boolean => {
    size += length;
    return true;
  };
  if (!isJson(value)) return { problem: 'holds a value that JSON does not know' };
  return size > limit ? { problem: `is larger than ${limit} bytes` } : { size };
}
