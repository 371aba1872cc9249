import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { functionsOf } from './function-settings.ts';
import { StackFixture } from './stack-fixture.ts';
import { unpack } from './task-root.ts';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const OTHER = process.arch === 'arm64' ? 'x86_64' : 'arm64';

let fixture: StackFixture;
let folder: string;

beforeEach(() => {
  fixture = new StackFixture();
  folder = mkdtempSync(join(tmpdir(), 'tenon-task-'));
});

afterEach(() => {
  fixture.remove();
  rmSync(folder, { recursive: true });
});

const unpackFunction = (architecture: string, hasIsolates: boolean): readonly string[] => {
  fixture.addFunction('f', '', { Architectures: [architecture] });
  const asset = join(fixture.folder, 'asset.f/node_modules/isolated-vm');
  if (hasIsolates) {
    mkdirSync(asset, { recursive: true });
    writeFileSync(join(asset, 'package.json'), '{}');
  }
  for (const settings of functionsOf(fixture.stack)) unpack(settings, folder);
  return globSync('**/*.{mjs,json,node}', { cwd: folder }).toSorted();
};

describe('a package', () => {
  it('is unpacked as it is', () => {
    expect(unpackFunction(OTHER, false)).toEqual(['index.mjs']);
  });

  it.skipIf(process.platform !== 'linux')(
    'made for another processor gets the binary of isolated-vm for this one (there are binaries for Linux only)',
    () => {
      const binary = `node_modules/isolated-vm/prebuilds/linux-${process.arch}/isolated-vm.abi137.glibc.node`;
      expect(unpackFunction(OTHER, true)).toEqual(['index.mjs', 'node_modules/isolated-vm/package.json', binary]);
      expect(existsSync(join(PROJECT, binary))).toBe(true);
    },
  );
});
