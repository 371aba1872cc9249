import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileVault } from '../../lib/adapters/embedded/file-vault.ts';
import { makeFolder } from './embedded-folder.ts';
import { testVault } from './vault-contract.ts';

let folder: ReturnType<typeof makeFolder>;
const makeVault = (): FileVault => new FileVault(join(folder.path, 'vault.key'));

testVault({
  setup: async () => {
    folder = makeFolder();
    return makeVault();
  },
  teardown: async () => folder.remove(),
});

describe('the key file of a vault', () => {
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => folder.remove());

  it('is for its owner alone and stays, so that the next start opens what this one sealed', async () => {
    const sealed = await makeVault().seal('hunter2', 'acme/TOKEN');
    const path = join(folder.path, 'vault.key');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const before = readFileSync(path, 'utf8');
    expect(await makeVault().open(sealed, 'acme/TOKEN')).toBe('hunter2');
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('is not replaced when it is damaged', () => {
    const path = join(folder.path, 'vault.key');
    writeFileSync(path, 'half a ke');
    expect(makeVault).toThrow(expect.objectContaining({ code: 'data.damaged' }));
    expect(readFileSync(path, 'utf8')).toBe('half a ke');
  });
});
