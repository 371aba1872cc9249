/** RFC 3492, with the numbers of its section 5. Arithmetic that leaves the safe range gives `undefined`. */
const base = 36;
const tMin = 1;
const tMax = 26;
const initialN = 128;
const initialBias = 72;
const limit = 0x7fffffff;
const digits = 'abcdefghijklmnopqrstuvwxyz0123456789';

function adapt(delta: number, count: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? 700 : 2));
  rest += Math.floor(rest / count);
  let steps = 0;
  while (rest > ((base - tMin) * tMax) / 2) {
    rest = Math.floor(rest / (base - tMin));
    steps += base;
  }
  return steps + Math.floor(((base - tMin + 1) * rest) / (rest + 38));
}

const threshold = (k: number, bias: number): number => Math.min(Math.max(k - bias, tMin), tMax);

/** A label without its `xn--`, which may be all ASCII. */
export function encodePunycode(label: string): string | undefined {
  const points = Array.from(label, (character) => character.codePointAt(0) as number);
  let output = points
    .filter((point) => point < initialN)
    .map((point) => String.fromCharCode(point))
    .join('');
  const basicCount = output.length;
  if (basicCount > 0) output += '-';
  let n = initialN;
  let delta = 0;
  let bias = initialBias;
  for (let handled = basicCount; handled < points.length; n++, delta++) {
    const next = Math.min(...points.filter((point) => point >= n));
    delta += (next - n) * (handled + 1);
    if (delta > limit) return undefined;
    n = next;
    for (const point of points) {
      if (point < n) delta += 1;
      if (point !== n) continue;
      let rest = delta;
      for (let k = base; ; k += base) {
        const t = threshold(k, bias);
        if (rest < t) break;
        output += digits.charAt(t + ((rest - t) % (base - t)));
        rest = Math.floor((rest - t) / (base - t));
      }
      output += digits.charAt(rest);
      bias = adapt(delta, handled + 1, handled === basicCount);
      delta = 0;
      handled += 1;
    }
  }
  return output;
}

export function decodePunycode(label: string): string | undefined {
  const cut = label.lastIndexOf('-');
  const points = Array.from(label.slice(0, Math.max(cut, 0)), (character) => character.charCodeAt(0));
  let n = initialN;
  let i = 0;
  let bias = initialBias;
  for (let at = cut + 1; at < label.length; ) {
    const before = i;
    let weight = 1;
    for (let k = base; ; k += base) {
      const digit = digits.indexOf(label.charAt(at));
      if (at >= label.length || digit < 0) return undefined;
      at += 1;
      i += digit * weight;
      if (i > limit) return undefined;
      const t = threshold(k, bias);
      if (digit < t) break;
      weight *= base - t;
    }
    const count = points.length + 1;
    bias = adapt(i - before, count, before === 0);
    n += Math.floor(i / count);
    if (n > 0x10ffff) return undefined;
    i %= count;
    points.splice(i, 0, n);
    i += 1;
  }
  return String.fromCodePoint(...points);
}
