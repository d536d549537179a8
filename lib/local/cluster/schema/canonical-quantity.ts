const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];

const form = /^([+-]?)(\d*)\.?(\d*)([KMGTPE]i|[numkMGTPE]?)$/;

/** The number with the largest suffix that leaves no fraction. */
function scaled(amount: bigint, step: bigint, suffixes: readonly string[]): string {
  const [suffix = '', ...larger] = suffixes;
  if (larger.length === 0 || amount % step !== 0n) return `${amount}${suffix}`;
  return scaled(amount / step, step, larger);
}

/** A quantity as the API server gives it back: `0.5` is `500m`, `1024Mi` is `1Gi`. Exponents stay as they are. */
export function canonicalQuantity(text: string): string {
  const [, sign = '', whole = '', fraction = '', suffix = ''] = form.exec(text) ?? [];
  if (whole + fraction === '') return text;
  const [binary, decimal] = [binarySuffixes.indexOf(suffix), decimalSuffixes.indexOf(suffix)];
  // Counted in the smallest unit there is, whose parts are rounded up.
  const factor = binary > 0 ? 1024n ** BigInt(binary) * 10n ** 9n : 1000n ** BigInt(decimal);
  const parts = 10n ** BigInt(fraction.length);
  const nanos = (BigInt(whole + fraction) * factor + parts - 1n) / parts;
  if (nanos === 0n) return '0';
  const units = nanos / 10n ** 9n;
  const isBinary = binary > 0 && nanos % 10n ** 9n === 0n && units >= 1024n;
  const written = isBinary ? scaled(units, 1024n, binarySuffixes) : scaled(nanos, 1000n, decimalSuffixes);
  return `${sign === '-' ? '-' : ''}${written}`;
}
