/** Seconds since 1970. */
export type SecondsSpan = readonly [number, number];

/** A bucket is a minute at the least; a chart of fewer than ten shows nothing more. */
const narrowestSeconds = 600;

/** An address has whole milliseconds, so twice the half of a span may be a little less than the span. */
const nearly = 0.999;

/**
 * Where a key leads from a span: plus and minus to half and twice of it around its middle, the arrows a quarter of it on, never past now.
 * Null is the whole period, undefined no key of these.
 */
export function zoomedBy(key: string, [from, to]: SecondsSpan, wholeSeconds: number, now: number): SecondsSpan | null | undefined {
  const [length, middle] = [to - from, (from + to) / 2];
  switch (key) {
    case '+':
    case '=':
      return around(middle, Math.max(length / 2, Math.min(length, narrowestSeconds)), now);
    case '-':
      return length * 2 >= wholeSeconds * nearly ? null : around(middle, length * 2, now);
    case 'ArrowLeft':
      return around(middle - length / 4, length, now);
    case 'ArrowRight':
      return around(middle + length / 4, length, now);
    default:
      return undefined;
  }
}

function around(middle: number, length: number, now: number): SecondsSpan {
  const to = Math.min(middle + length / 2, now);
  return [to - length, to];
}
