import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EsbuildCompiler } from '../../lib/bundle/esbuild-compiler.ts';
import { ofType, type Synthesis, synthesize } from './synthesize.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const BINARY = 'isolated-vm.abi137.glibc.node';

let synthesis: Synthesis;

// The whole of `cdk synth`, packages included, takes less than a minute.
beforeAll(() => {
  synthesis = synthesize({}, { isBundling: true });
}, 60_000);

afterAll(() => synthesis.remove());

/** The folder that Lambda would unpack. */
const packageOf = (owner: string): string => {
  const [, lambda] = ofType(synthesis.template, 'AWS::Lambda::Function').find(([id]) => id.startsWith(owner)) ?? [];
  return join(synthesis.folder, `asset.${lambda?.Properties.Code.S3Key.replace('.zip', '')}`);
};

const filesIn = (folder: string): readonly string[] =>
  globSync('**', { cwd: folder })
    .filter((path) => statSync(join(folder, path)).isFile())
    .toSorted();

/** Calls the package's handler in a process of its own, away from the project, and gives what it answers. */
const call = async (folder: string, event: unknown): Promise<unknown> => {
  const caller = join(folder, 'call.mjs');
  writeFileSync(
    caller,
    `import { handler } from './index.mjs'; process.on('message', async (event) => process.send(await handler(event), () => process.exit()));`,
  );
  const child = fork(caller, {
    env: {},
    execArgv: ['--no-node-snapshot'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.send(event as object);
  const [answer] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => [`it ended with ${code}`]),
  ]);
  child.kill();
  return answer;
};

describe('the package of a function that runs no tenants’ code', () => {
  it('is one script', () => {
    expect(filesIn(packageOf('Sweeper'))).toEqual(['index.mjs']);
  });
});

describe('the package of a function that runs tenants’ code', () => {
  it('holds isolated-vm for the one system that it runs on, the executor’s process and the guest’s prelude', () => {
    expect(filesIn(packageOf('Dispatcher'))).toEqual([
      'index.mjs',
      'lib/function/main.mjs',
      'lib/function/prelude.js',
      'lib/function/process.ts',
      'node_modules/isolated-vm/LICENSE',
      'node_modules/isolated-vm/isolated-vm.js',
      'node_modules/isolated-vm/package.json',
      `node_modules/isolated-vm/prebuilds/linux-arm64/${BINARY}`,
      'node_modules/node-gyp-build/LICENSE',
      'node_modules/node-gyp-build/index.js',
      'node_modules/node-gyp-build/node-gyp-build.js',
      'node_modules/node-gyp-build/package.json',
      'package.json',
    ]);
  });

  it('is small enough to start fast', () => {
    const folder = packageOf('Dispatcher');
    const bytes = filesIn(folder).reduce((sum, path) => sum + statSync(join(folder, path)).size, 0);
    expect(bytes).toBeLessThan(3_000_000);
  });

  it('names no path of the machine that made it', () => {
    const folder = packageOf('Dispatcher');
    for (const path of filesIn(folder).filter((file) => !file.endsWith('.node'))) {
      expect(readFileSync(join(folder, path), 'utf8')).not.toContain(PROJECT);
    }
  });

  it('has a compiler only where uploads are compiled', () => {
    const compilers = ['FrontDoorApi', 'BundleIntake', 'Dispatcher', 'TenantIsolationExecutor'].filter((owner) =>
      filesIn(packageOf(owner)).includes('node_modules/esbuild/esbuild.wasm'),
    );
    expect(compilers).toEqual(['BundleIntake']);
  });

  it('has the same compiler as the embedded server: a source is the same version everywhere', () => {
    const versionOf = (name: string): string =>
      JSON.parse(readFileSync(join(PROJECT, 'node_modules', name, 'package.json'), 'utf8')).version;
    expect(versionOf('esbuild-wasm')).toBe(versionOf('esbuild'));
  });

  it.skipIf(process.platform !== 'linux')(
    'compiles an upload and evaluates it in an executor, away from the project (its binary is for Linux)',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tenon-package-'));
      try {
        cpSync(packageOf('BundleIntake'), folder, { recursive: true });
        // The package is for arm64; on another machine only the binary is another one.
        const binary = `node_modules/isolated-vm/prebuilds/linux-${process.arch}/${BINARY}`;
        cpSync(join(PROJECT, binary), join(folder, binary));
        const source = `import { WorkflowEntrypoint } from 'cloudflare:workers';
          export class Hello extends WorkflowEntrypoint { async run(): Promise<number> { return 1; } }`;
        expect(await call(folder, source)).toEqual({
          compiled: await compileHere(source),
          inspection: { ok: true, workflows: ['Hello'], hasFetch: false },
        });
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

const compileHere = async (source: string): Promise<unknown> => {
  const compiler = new EsbuildCompiler();
  try {
    return await compiler.compile({ contentType: 'text/typescript', bytes: Buffer.from(source) });
  } finally {
    await compiler.close();
  }
};
