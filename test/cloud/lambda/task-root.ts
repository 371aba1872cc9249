import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionSettings } from './function-settings.ts';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const ISOLATED_VM = 'node_modules/isolated-vm';
const PROCESSORS: Readonly<Record<string, string>> = { arm64: 'arm64', x86_64: 'x64' };

/**
 * Unpacks a function's package into `folder`, away from the project, so that it finds nothing but what it brings. Where
 * the package is made for another processor, the binary of isolated-vm for this one is put beside the other.
 */
export const unpack = ({ assetFolder, architecture }: FunctionSettings, folder: string): void => {
  cpSync(assetFolder, folder, { recursive: true });
  if (PROCESSORS[architecture] === process.arch || !existsSync(join(folder, ISOLATED_VM))) return;
  const binary = join(ISOLATED_VM, `prebuilds/linux-${process.arch}/isolated-vm.abi137.glibc.node`);
  mkdirSync(dirname(join(folder, binary)), { recursive: true });
  cpSync(join(PROJECT, binary), join(folder, binary));
};
