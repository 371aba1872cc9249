import { describe } from 'vitest';
import { useIsolate } from './isolate.ts';

const { same } = useIsolate();

describe('TextEncoder', () => {
  same('writes UTF-8, with U+FFFD for a lone surrogate', () =>
    ['', 'plain', 'ä€\u{1f600}', 'a\ud800b', '\udc00', 'x'.repeat(300), undefined].map((text) => [
      ...new TextEncoder().encode(text),
    ]),
  );

  same('encodes into a buffer whole characters only', () =>
    [0, 1, 2, 3, 4, 5, 6, 7, 8].map((size) => {
      const bytes = new Uint8Array(size);
      return [new TextEncoder().encodeInto('aä\u{1f600}z', bytes), [...bytes]];
    }),
  );
});

describe('TextDecoder', () => {
  same('replaces each ill-formed part of UTF-8 once', () =>
    [
      [0x61, 0xff, 0x62],
      [0xe2, 0x82],
      [0xe2, 0x82, 0x41],
      [0xf0, 0x9f, 0x98],
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe0, 0x80, 0x80],
      [0x80, 0x80],
      [0xf0, 0x9f, 0x98, 0x80],
    ].map((bytes) => new TextDecoder().decode(new Uint8Array(bytes))),
  );

  same('refuses ill-formed text when it is fatal, and works again afterwards', ({ thrown }) => {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const names = [
      thrown(() => decoder.decode(new Uint8Array([0xff]))),
      thrown(() => decoder.decode(new Uint8Array([0xe2, 0x82]))),
    ];
    return [...names, decoder.decode(new Uint8Array([0xe2, 0x82, 0xac])), decoder.fatal];
  });

  same('keeps a character that is cut between chunks', () => {
    const decoder = new TextDecoder();
    const texts = [0xf0, 0x9f, 0x98, 0x80, 0x61].map((byte) =>
      decoder.decode(new Uint8Array([byte]), { stream: true }),
    );
    const cut = new TextDecoder();
    return [...texts, decoder.decode(), cut.decode(new Uint8Array([0xe2, 0x82]), { stream: true }), cut.decode()];
  });

  same('drops one byte order mark, unless told to keep it', () => {
    const marked = new Uint8Array([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 0x61]);
    const decoder = new TextDecoder();
    const parts = [...marked].map((byte) => decoder.decode(new Uint8Array([byte]), { stream: true }));
    return [
      new TextDecoder().decode(marked),
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(marked),
      parts.join(''),
      new TextDecoder('utf-16le').decode(new Uint8Array([0xff, 0xfe, 0x61, 0])),
    ];
  });

  same('reads UTF-16LE, cut anywhere', () => {
    const decoder = new TextDecoder('utf-16le');
    const parts = [0x61, 0, 0x3d, 0xd8, 0, 0xde, 0, 0xd8].map((byte) =>
      decoder.decode(new Uint8Array([byte]), { stream: true }),
    );
    return [...parts, decoder.decode(), new TextDecoder('utf-16').decode(new Uint8Array([0, 0xdc, 1]))];
  });

  same('reads latin1 as windows-1252', () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const decoder = new TextDecoder('latin1');
    return [decoder.encoding, decoder.decode(all)];
  });

  same('knows labels in any case and takes views of any kind', ({ thrown }) => {
    const { buffer } = new Uint8Array([1, 2, 0x61, 0x62]);
    return [
      new TextDecoder(' UTF8 ').encoding,
      new TextDecoder('US-ASCII').encoding,
      thrown(() => new TextDecoder('klingon')),
      new TextDecoder().decode(new DataView(buffer, 2)),
      new TextDecoder().decode(buffer.slice(2)),
      thrown(() => new TextDecoder().decode('text' as never)),
      new TextDecoder().decode(),
    ];
  });

  same('reads long texts', () => {
    const texts = ['aä€\u{1f600}', `${'x'.repeat(40)}ä`, 'plain '].map((text) => text.repeat(5_000));
    const decoder = new TextDecoder();
    const halves = new TextEncoder().encode(texts[1]);
    const joined = decoder.decode(halves.subarray(0, 41), { stream: true }) + decoder.decode(halves.subarray(41));
    return [
      ...texts.map((text) => new TextDecoder().decode(new TextEncoder().encode(text)) === text),
      joined === texts[1],
      atob(btoa('\u00ff'.repeat(10_000))).length,
    ];
  });
});

describe('the encoding streams', () => {
  same('cut nothing apart', async ({ readAll }) => {
    const source = new ReadableStream({
      start(controller) {
        for (const chunk of ['a\ud83d', '\ude00b', 'c\ud83d']) controller.enqueue(chunk);
        controller.close();
      },
    });
    const bytes = await readAll(source.pipeThrough(new TextEncoderStream()));
    const single = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        for (const chunk of bytes) for (const byte of chunk) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    return (await readAll(single.pipeThrough(new TextDecoderStream()))).join('');
  });
});

describe('atob and btoa', () => {
  same('are each other in reverse', () => {
    const texts = ['', 'a', 'ab', 'abc', 'abcd', '\0\xff\x80'];
    return texts.map((text) => [btoa(text), atob(btoa(text)) === text]);
  });

  same('forgive what the standard forgives and refuse the rest', ({ thrown }) => [
    atob(' YQ = =\n'),
    atob('YWI'),
    thrown(() => atob('a')),
    thrown(() => atob('YQ=')),
    thrown(() => atob('Y-Q_')),
    thrown(() => atob('====')),
    thrown(() => btoa('€')),
    thrown(() => Reflect.apply(btoa, undefined, [])),
    btoa(null as never),
  ]);
});
