import { DOMException } from './dom-exception.ts';
import { gate } from './gate.ts';
import { SubtleCrypto } from './subtle.ts';

const integerViews = /^(Big)?(Uint|Int)(8|16|32|64)(Clamped)?Array$/;

/** https://w3c.github.io/webcrypto/#Crypto-interface */
export class Crypto {
  readonly subtle: SubtleCrypto = new SubtleCrypto();

  getRandomValues<View extends ArrayBufferView>(view: View): View {
    const kind = ArrayBuffer.isView(view) ? Object.prototype.toString.call(view).slice(8, -1) : '';
    if (!integerViews.test(kind)) {
      throw new DOMException('getRandomValues fills a typed array of integers.', 'TypeMismatchError');
    }
    if (view.byteLength > 65_536) {
      throw new DOMException(`The requested length exceeds 65,536 bytes: ${view.byteLength}`, 'QuotaExceededError');
    }
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(gate().random(view.byteLength));
    return view;
  }

  randomUUID(): string {
    const bytes = gate().random(16);
    // Version 4, variant 1 of RFC 9562.
    const marked = Array.from(bytes, (byte, index) =>
      index === 6 ? (byte & 15) | 64 : index === 8 ? (byte & 63) | 128 : byte,
    );
    const text = marked.map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
  }

  get [Symbol.toStringTag](): string {
    return 'Crypto';
  }
}

export const crypto = new Crypto();
