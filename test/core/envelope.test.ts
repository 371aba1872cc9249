import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metadataOf, unwrapParams, wrapParams } from '../../lib/core/envelope.ts';

const metadata = { tenant: 'acme', version: 'v1' };

describe('the envelope', () => {
  it('holds metadata beside the params, never merged', () => {
    expect(wrapParams(metadata, { tenant: 'evil' })).toEqual({
      __dispatcherMetadata: metadata,
      params: { tenant: 'evil' },
    });
  });

  it('keeps its key without params, through a JSON store too', () => {
    const wrapped = wrapParams(metadata, undefined);
    expect(wrapped).toHaveProperty('params', null);
    expect(unwrapParams(JSON.parse(JSON.stringify(wrapped)))).toEqual({ ok: true, metadata, params: null });
  });

  it('gives back whatever was put in', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (params) => {
        const unwrapped = unwrapParams(JSON.parse(JSON.stringify(wrapParams(metadata, params))));
        expect(unwrapped).toEqual({ ok: true, metadata, params: JSON.parse(JSON.stringify(params)) });
      }),
    );
  });

  it('is also read under the older key, but the newer one wins', () => {
    const old = { __workerLoaderMetadata: { tenant: 'old' }, params: 1 };
    expect(unwrapParams(old)).toEqual({ ok: true, metadata: { tenant: 'old' }, params: 1 });
    expect(unwrapParams({ ...old, __dispatcherMetadata: metadata })).toEqual({ ok: true, metadata, params: 1 });
  });

  it('does not hide a forged envelope among the params', () => {
    const forged = { __dispatcherMetadata: { tenant: 'other' }, params: 'loot' };
    expect(unwrapParams(wrapParams(metadata, forged))).toEqual({ ok: true, metadata, params: forged });
  });

  it('names the version that its instance is on, whatever it was made with', () => {
    const envelope = wrapParams({ tenant: 'acme', version: 'v1' }, 1);
    expect(metadataOf(envelope, 'v2')).toEqual({ tenant: 'acme', version: 'v2' });
    expect(envelope.__dispatcherMetadata).toEqual({ tenant: 'acme', version: 'v1' });
  });

  it.each([
    undefined,
    null,
    'text',
    5,
    [],
    {},
    { params: 1 },
    { __dispatcherMetadata: 'acme', params: 1 },
    { __dispatcherMetadata: null, params: 1 },
    { __dispatcherMetadata: ['acme'], params: 1 },
    { __workerLoaderMetadata: 7 },
    Object.create({ __dispatcherMetadata: metadata, params: 1 }),
  ])('is not what %j is', (payload) => {
    expect(unwrapParams(payload)).toEqual({ ok: false });
  });
});
