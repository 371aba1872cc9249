import { Architecture } from 'aws-cdk-lib/aws-lambda';
import type { ICommandHooks } from 'aws-cdk-lib/aws-lambda-nodejs';
import { FILES } from '../aws-environment.ts';

/** Left out of the scripts: a native module cannot be a part of one. */
export const NATIVE_MODULES = ['isolated-vm'];

/** Packages in CommonJS ask for modules of Node by `require`, which an ES module lacks. */
export const REQUIRE_BANNER = `import{createRequire as __require}from'node:module';const require=__require(import.meta.url);`;

/**
 * Where the script lies that Lambda's entry passes on to: as deep as the sources in the project, so that it finds the
 * executor's process beside itself, and that process may read the same folders as there.
 */
const SCRIPT_FOLDER = 'lib/function';

/** What the executor's process is called by the module that starts it. */
const EXECUTOR_PROCESS = 'process.ts';

/**
 * Completes the package of a function that runs tenants' code: isolated-vm (its own few files, the one binary that fits
 * Node 24 on Amazon Linux, and what finds it: 1.6 MB, where the package as installed has 21), the executor's process as
 * a script of its own, and the guest's prelude, which is built here since a function has no compiler.
 */
export const packageIsolates = (architecture: Architecture): ICommandHooks => ({
  beforeBundling: () => [],
  beforeInstall: () => [],
  afterBundling: (project, output) => [
    ...copyIsolatedVm(architecture, `${project}/node_modules`, `${output}/node_modules`),
    `mkdir -p "${output}/${SCRIPT_FOLDER}"`,
    `mv "${output}/index.mjs" "${output}/${SCRIPT_FOLDER}/main.mjs"`,
    `echo "export { handler } from './${SCRIPT_FOLDER}/main.mjs';" > "${output}/index.mjs"`,
    `echo '{ "type": "module" }' > "${output}/package.json"`,
    bundleProcess(project, `${output}/${SCRIPT_FOLDER}/${EXECUTOR_PROCESS}`),
    writePrelude(project, `${output}/${SCRIPT_FOLDER}/${FILES.prelude}`),
  ],
});

const copyIsolatedVm = (architecture: Architecture, from: string, to: string): readonly string[] => {
  const platform = architecture === Architecture.ARM_64 ? 'linux-arm64' : 'linux-x64';
  const own = ['package.json', 'LICENSE', 'isolated-vm.js', `prebuilds/${platform}/isolated-vm.abi137.glibc.node`];
  const finder = ['package.json', 'LICENSE', 'index.js', 'node-gyp-build.js'];
  const files = [...own.map((file) => `isolated-vm/${file}`), ...finder.map((file) => `node-gyp-build/${file}`)];
  return [
    `mkdir -p "${to}/isolated-vm/prebuilds/${platform}" "${to}/node-gyp-build"`,
    ...files.map((file) => `cp "${from}/${file}" "${to}/${file}"`),
  ];
};

const bundleProcess = (project: string, file: string): string =>
  [
    `"${project}/node_modules/.bin/esbuild" "${project}/lib/executor/process.ts"`,
    '--bundle --platform=node --format=esm --target=node24 --main-fields=module,main --log-level=warning',
    ...NATIVE_MODULES.map((name) => `--external:${name}`),
    `--banner:js="${REQUIRE_BANNER}" --outfile="${file}"`,
  ].join(' ');

const writePrelude = (project: string, file: string): string => {
  const script = [
    `import { writeFileSync } from 'node:fs'`,
    `import { buildPrelude } from '${project}/lib/bundle/guest-prelude.ts'`,
    `writeFileSync('${file}', await buildPrelude())`,
  ].join('; ');
  return `"${process.execPath}" --input-type=module --eval "${script}"`;
};
