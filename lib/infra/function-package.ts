import { Architecture } from 'aws-cdk-lib/aws-lambda';
import type { ICommandHooks } from 'aws-cdk-lib/aws-lambda-nodejs';
import { FILES } from '../aws-environment.ts';

/** Left out of the scripts: a native module and a compiler of its own cannot be a part of one. */
export const EXTERNAL_MODULES = ['isolated-vm', 'esbuild'];

/** Packages in CommonJS ask for modules of Node by `require`, which an ES module lacks. */
export const REQUIRE_BANNER = `import{createRequire as makeRequire__}from'node:module';const require=makeRequire__(import.meta.url);`;

/**
 * Where the script lies that Lambda's entry passes on to: as deep as the sources in the project, so that it finds beside
 * itself what it starts as processes, and these may read the same folders as there.
 */
const SCRIPT_FOLDER = 'lib/function';

/** Files of packages, of which the whole would be too large or made for one machine. */
const ISOLATED_VM = ['package.json', 'LICENSE', 'isolated-vm.js'];
const NODE_GYP_BUILD = ['package.json', 'LICENSE', 'index.js', 'node-gyp-build.js'];
const ESBUILD = [
  'package.json',
  'LICENSE.md',
  'bin/esbuild',
  'lib/main.js',
  'esbuild.wasm',
  'wasm_exec.js',
  'wasm_exec_node.js',
];

export interface PackageOptions {
  readonly architecture: Architecture;
  /** The function compiles what tenants upload. */
  readonly hasCompiler: boolean;
  /** The function serves the web page. */
  readonly hasPage: boolean;
}

/**
 * Completes the package of a function that runs tenants' code: isolated-vm (its own few files, the one binary that fits
 * Node 24 on Amazon Linux, and what finds it: 1.6 MB, where the package as installed has 21), the executor's process as
 * a script of its own, and the guest's prelude, which is built here since most functions have no compiler.
 */
export const packageFunction = ({ architecture, hasCompiler, hasPage }: PackageOptions): ICommandHooks => ({
  beforeBundling: () => [],
  beforeInstall: () => [],
  afterBundling: (project, output) => {
    const scripts = `${output}/${SCRIPT_FOLDER}`;
    const binary = `prebuilds/linux-${architecture === Architecture.ARM_64 ? 'arm64' : 'x64'}/isolated-vm.abi137.glibc.node`;
    const packages = { from: `${project}/node_modules`, to: `${output}/node_modules` };
    return [
      `mkdir -p "${scripts}"`,
      `mv "${output}/index.mjs" "${scripts}/main.mjs"`,
      `echo "export { handler } from './${SCRIPT_FOLDER}/main.mjs';" > "${output}/index.mjs"`,
      `echo '{ "type": "module" }' > "${output}/package.json"`,
      ...copyPackage(packages, 'isolated-vm', 'isolated-vm', [...ISOLATED_VM, binary]),
      ...copyPackage(packages, 'node-gyp-build', 'node-gyp-build', NODE_GYP_BUILD),
      bundleProcess(project, 'lib/executor/process.ts', `${scripts}/process.ts`, REQUIRE_BANNER),
      writePrelude(project, `${scripts}/${FILES.prelude}`),
      ...(hasPage
        ? [
            `"${process.execPath}" "${project}/bin/build-page.ts"`,
            `cp -r "${project}/web.out" "${scripts}/${FILES.page}"`,
          ]
        : []),
      ...(hasCompiler
        ? [
            // npm installs esbuild's binary for this machine only; in WebAssembly it is the same everywhere.
            ...copyPackage(packages, 'esbuild-wasm', 'esbuild', ESBUILD),
            bundleProcess(project, 'lib/bundle/compile-server.ts', `${scripts}/compile-server.ts`, COMPILER_BANNER),
          ]
        : []),
    ];
  },
});

/** esbuild in WebAssembly is started by the name of `node`, and the compile server has no environment to find it by. */
const COMPILER_BANNER = `${REQUIRE_BANNER}process.env.PATH=require('node:path').dirname(process.execPath);`;

const copyPackage = (
  folders: { readonly from: string; readonly to: string },
  name: string,
  newName: string,
  files: readonly string[],
): readonly string[] =>
  files.flatMap((file) => {
    const copy = `${folders.to}/${newName}/${file}`;
    return [`mkdir -p "${copy.slice(0, copy.lastIndexOf('/'))}"`, `cp "${folders.from}/${name}/${file}" "${copy}"`];
  });

/** It keeps the name by which it is started: Node takes the types out of a script that has none, too. */
const bundleProcess = (project: string, entry: string, file: string, banner: string): string =>
  [
    `"${project}/node_modules/.bin/esbuild" "${project}/${entry}"`,
    '--bundle --platform=node --format=esm --target=node24 --main-fields=module,main --log-level=warning',
    ...EXTERNAL_MODULES.map((name) => `--external:${name}`),
    `--banner:js="${banner}" --outfile="${file}"`,
  ].join(' ');

const writePrelude = (project: string, file: string): string => {
  const script = [
    `import { writeFileSync } from 'node:fs'`,
    `import { buildPrelude } from '${project}/lib/bundle/guest-prelude.ts'`,
    `writeFileSync('${file}', await buildPrelude())`,
  ].join('; ');
  return `"${process.execPath}" --input-type=module --eval "${script}"`;
};
