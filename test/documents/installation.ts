import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { type LocalCloud, startLocalCloud } from '../cloud/local-cloud.ts';
import type { Template } from '../cloud/template/template.ts';
import { codeBlocks } from './command-lines.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** The code blocks of `docs/extending.md`. */
export const BLOCKS = codeBlocks(readFileSync(join(ROOT, 'docs/extending.md'), 'utf8')).map(({ text }) => text);

/** The compiler's look at all that an installation imports takes seconds, a cloud half a minute: a command of their own has them. */
export const IS_WHOLE = process.env.DOCUMENTS === '1';
export const NOT_WHOLE = 'takes up to half a minute: npm run test:documents';

export interface Place {
  readonly url: string;
  readonly operatorKey: string;
}

export interface Installation {
  /** What the compiler has to say to its files. */
  typeErrors(): string;
  /** Runs its `start.ts`. */
  onOneMachine(env: Readonly<Record<string, string>>, use: (place: Place) => Promise<void>): Promise<string>;
  /** Runs its `app.ts` on the local cloud. */
  onAws(use: (place: LocalCloud) => Promise<void>): Promise<void>;
  remove(): void;
}

/**
 * The files that the document shows below the folder `name`, as they stand there, beside the project's own. The CDK takes functions
 * from below the project only, so that they lie where it writes to, and not with other temporary files.
 */
export const layOut = (name: string): Installation => {
  mkdirSync(join(ROOT, 'cdk.out'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, `cdk.out/${name}-`));
  const installation = join(folder, name);
  cpSync(join(ROOT, 'functions'), join(installation, 'functions'), { recursive: true });
  symlinkSync(join(ROOT, 'lib'), join(folder, 'lib'));
  // Those that are not shown are taken over as they are, one folder further down.
  symlinkSync(join(ROOT, 'lib'), join(installation, 'lib'));
  for (const text of BLOCKS) {
    const [, file] = /^\/\/ (\S+\.ts)\n/.exec(text) ?? [];
    if (file?.startsWith(`${name}/`)) writeFileSync(join(folder, file), text);
  }

  return {
    typeErrors: () => {
      const compilerOptions = { noEmit: true, preserveSymlinks: false, skipLibCheck: true };
      const include = [installation];
      // What it imports of the project comes along by itself.
      const exclude = [join(installation, 'lib')];
      const config = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include, exclude };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
      const tsc = join(ROOT, 'node_modules/.bin/tsc');
      return spawnSync(tsc, ['-p', folder], { encoding: 'utf8' }).stdout;
    },
    onOneMachine: async (env, use) => {
      const child = spawn(process.execPath, ['--no-warnings', join(installation, 'start.ts')], {
        env: { PATH: process.env.PATH, PORT: '0', DATA: join(folder, 'data'), ...env },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const output = new Output(child);
      try {
        const url = await output.found(/^listening (http\S+)/m);
        const operatorKey = readFileSync(join(folder, 'data/operator-key'), 'utf8').trim();
        await use({ url, operatorKey });
      } finally {
        child.kill();
        if (child.exitCode === null) await once(child, 'exit');
      }
      return output.text;
    },
    onAws: async (use) => {
      const { app } = (await import(join(installation, 'app.ts'))) as { readonly app: App };
      const { directory, stacks } = app.synth();
      const cloud = await startLocalCloud({ template: stacks[0]?.template as Template, assemblyFolder: directory });
      try {
        await use(cloud);
      } finally {
        await cloud.close();
        rmSync(directory, { recursive: true, force: true });
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** What a process prints. */
class Output {
  text = '';
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk) => {
      this.text += String(chunk);
    });
  }

  /** The first group of the pattern, as soon as the process has printed what matches. */
  found(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const [, found] = pattern.exec(this.text) ?? [];
        if (found !== undefined) resolve(found);
      };
      this.#child.stdout?.on('data', look);
      this.#child.once('exit', () => reject(new Error(`it ended without saying so: ${this.text}`)));
      look();
    });
  }
}
