import { describe, expect, it } from 'vitest';
import { useIsolate } from './isolate.ts';

const { run, same } = useIsolate();

describe('Blob and File', () => {
  same('are made of parts and cut into slices', async () => {
    const blob = new Blob(['aä', new Uint8Array([65]), new Blob(['z']), new Uint8Array([66, 67]).buffer], {
      type: 'Text/X',
    });
    const slice = blob.slice(1, -1, 'a/b');
    return [
      blob.size,
      blob.type,
      await blob.text(),
      [await slice.text(), slice.type, slice.size],
      await blob.slice(-2).text(),
      await blob.slice(3, 1).text(),
      [...new Uint8Array(await blob.arrayBuffer())],
      await new Response(blob.stream()).text(),
      new Blob([], { type: 'ä' }).type,
    ];
  });

  same('have a name and a date', async ({ thrown }) => {
    const file = new File(['x'], 'n.txt', { lastModified: 12, type: 'text/plain' });
    return [
      file.name,
      file.lastModified,
      file.type,
      file instanceof Blob,
      thrown(() => Reflect.construct(Blob, ['x'])),
    ];
  });
});

describe('FormData', () => {
  same('holds values in order, strings and files', () => {
    const form = new FormData();
    form.append('a', '1');
    form.append('b', 2 as never);
    form.append('a', new Blob(['x']), 'x.bin');
    form.append('c', new Blob(['y']));
    form.set('b', '3');
    const names = [...form].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]);
    form.delete('a');
    return [names, form.has('a'), form.get('b'), form.get('zz'), form.getAll('c').length, [...form.keys()]];
  });

  same('goes through multipart and back, whatever is in it', async () => {
    const form = new FormData();
    form.append('plain', 'line\nbreak ä');
    form.append('na"me\r\n', 'v');
    form.append('empty', '');
    form.append('file', new File([new Uint8Array([0, 13, 10, 45, 45, 255])], 'ü "q".bin', { type: 'a/b' }));
    form.append('untyped', new Blob(['--\r\n--']));
    const response = new Response(form);
    const type = response.headers.get('content-type') ?? '';
    const back = await response.formData();
    const entries = [];
    for (const [name, value] of back) {
      entries.push([name, typeof value === 'string' ? value : [value.name, value.type, [...(await value.bytes())]]]);
    }
    return [type.startsWith('multipart/form-data; boundary='), entries];
  });

  same('is read from what other clients write', async ({ rejected }) => {
    const read = async (text: string, type: string) => {
      const form = await new Response(text, { headers: { 'content-type': type } }).formData();
      return [...form].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]);
    };
    const body =
      '--X\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--X\r\nContent-Disposition: form-data; name="f"; filename="n.txt"\r\nContent-Type: text/plain\r\n\r\ntext\r\n--X--\r\n';
    return [
      await read(body, 'multipart/form-data; boundary=X'),
      await read(body, 'multipart/form-data; boundary="X"'),
      await read('a=1&b=%C3%A4+b', 'application/x-www-form-urlencoded'),
      await rejected(() => read('nonsense', 'multipart/form-data; boundary=X')),
      await rejected(() => read(body.slice(0, 60), 'multipart/form-data; boundary=X')),
      await rejected(() => read(body, 'multipart/form-data')),
      await rejected(() => read('a=1', 'text/plain')),
    ];
  });
});

describe('Headers', () => {
  same('join values, sort names and keep cookies apart', () => {
    const headers = new Headers([
      ['X-B', ' 1 '],
      ['x-a', '2'],
      ['x-b', '3'],
      ['Set-Cookie', 'a=1, b'],
      ['set-cookie', 'c=2'],
    ]);
    headers.append('x-a', '4');
    return [[...headers], headers.get('X-B'), headers.getSetCookie(), headers.has('x-c'), headers.get('x-c')];
  });

  same('refuse what cannot be sent', ({ thrown }) => [
    thrown(() => new Headers({ 'a b': '1' })),
    thrown(() => new Headers({ a: 'x\ny' })),
    thrown(() => new Headers({ a: '€' })),
    thrown(() => Reflect.construct(Headers, [[['a']]])),
    thrown(() => Reflect.construct(Headers, ['a'])),
    thrown(() => new Headers().get('')),
    new Headers({ a: '\t x \r\n' }).get('a'),
  ]);
});

describe('Response', () => {
  same('gives its body in each form', async () => {
    const make = () => new Response('{"a":"ä"}', { status: 201, statusText: 'Made', headers: { 'x-y': 'z' } });
    const response = make();
    return [
      [response.status, response.ok, response.statusText, response.type, response.url, response.redirected],
      [...response.headers],
      await response.json(),
      response.bodyUsed,
      await make().text(),
      [...(await make().bytes())],
      (await make().arrayBuffer()).byteLength,
      (await make().blob()).type,
    ];
  });

  same('is read once only', async ({ rejected, thrown }) => {
    const response = new Response('x');
    await response.text();
    const streamed = new Response('y');
    streamed.body?.getReader();
    return [
      await rejected(() => response.text()),
      thrown(() => response.clone()),
      await rejected(() => streamed.text()),
      streamed.bodyUsed,
      await rejected(() => new Response('not json').json()),
      new Response().body,
      await new Response().text(),
    ];
  });

  same('takes streams and hands them on', async ({ readAll, rejected, thrown }) => {
    const stream = () => ReadableStream.from([new Uint8Array([97]), new Uint8Array([98, 99])]);
    const used = stream();
    await readAll(used as ReadableStream<unknown>);
    const response = new Response(stream() as never);
    const copy = response.clone();
    const whole = new Response('whole');
    const chunks = await readAll(whole.body as ReadableStream<Uint8Array>);
    return [
      await response.text(),
      await copy.text(),
      thrown(() => new Response(used as never)),
      await rejected(() => new Response(ReadableStream.from(['text']) as never).text()),
      chunks.length,
      whole.bodyUsed,
    ];
  });

  same('names the type of what it was made of', () =>
    [
      'text',
      new URLSearchParams('a=1'),
      new Blob(['x'], { type: 'a/b' }),
      new Blob(['x']),
      new Uint8Array(1),
      null,
    ].map((body) => new Response(body).headers.get('content-type')),
  );

  same('makes JSON, redirects and errors', async ({ thrown }) => {
    const json = Response.json({ a: [1] }, { status: 202, headers: { x: '1' } });
    const redirect = Response.redirect('http://a/b c', 308);
    return [
      [json.status, [...json.headers], await json.text()],
      Response.json(1, { headers: { 'content-type': 'a/b' } }).headers.get('content-type'),
      [redirect.status, redirect.headers.get('location')],
      [Response.error().type, Response.error().status],
      thrown(() => redirect.headers.set('a', 'b')),
      thrown(() => Response.redirect('http://a', 200 as never)),
      thrown(() => Response.redirect('nope')),
      thrown(() => Response.json(undefined)),
      thrown(() => Response.json(1, { status: 204 })),
      thrown(() => new Response('x', { status: 204 })),
      thrown(() => new Response(null, { status: 99 })),
      thrown(() => new Response(null, { status: 600 })),
      thrown(() => new Response(null, { statusText: 'a\nb' })),
    ];
  });
});

describe('Request', () => {
  same('normalizes what it is made of', async () => {
    const request = new Request('http://a/x?y#z', {
      method: 'post',
      body: 'b',
      headers: { X: '1' },
      redirect: 'manual',
    });
    return [
      [request.url, request.method, request.redirect, [...request.headers], request.signal.aborted],
      await request.text(),
      request.bodyUsed,
      new Request(new URL('http://A/')).url,
      new Request('http://a', { method: 'patch' }).method,
    ];
  });

  same('copies another and takes its body over', async ({ thrown }) => {
    const first = new Request('http://a/', { method: 'POST', body: 'b', headers: { x: '1' } });
    const copy = first.clone();
    const second = new Request(first, { headers: { y: '2' } });
    return [
      first.bodyUsed,
      [second.method, [...second.headers].map(([name]) => name), await second.text()],
      await copy.text(),
      copy.headers.get('x'),
      thrown(() => new Request(first)),
    ];
  });

  same('refuses what cannot be asked', ({ thrown }) => [
    thrown(() => new Request('/relative')),
    thrown(() => new Request('http://u:p@a/')),
    thrown(() => new Request('http://a', { method: 'TRACE' })),
    thrown(() => new Request('http://a', { method: 'a b' })),
    thrown(() => new Request('http://a', { body: 'x' })),
    thrown(() => new Request('http://a', { redirect: 'nope' as never })),
    thrown(() => new Request('http://a', { signal: {} as AbortSignal })),
    thrown(() => new Request('http://a', { method: 'POST', body: new ReadableStream() as never })),
  ]);

  same('follows the signal that it was given', () => {
    const controller = new AbortController();
    const request = new Request('http://a', { signal: controller.signal });
    const copy = new Request(request);
    controller.abort('why');
    return [request.signal.aborted, copy.signal.reason, request.signal === controller.signal];
  });
});

it('draws the boundary of a form from the gate, so that a replay sends the same bytes', async () => {
  const encode = () =>
    run(async () => {
      const form = new FormData();
      form.append('a', '1');
      return new Response(form).text();
    });
  const text = await encode();
  expect(text).toMatch(/^------formdata-[0-9a-f]{32}\r\n/);
  expect(await encode()).toBe(text);
});
