import { parseDuration, showValue } from '../core/durations.ts';
import { DEFAULT_SANDBOX_TIMEOUT_MS, MINUTE_MS, SECOND_MS } from '../core/limits.ts';
import { isEnvName } from '../core/names.ts';
import { BindingError } from './binding-error.ts';

/** What tenant code hands to `env.SANDBOX.exec`, checked whole: a mistake here would be found out minutes later. */

const MAX_ARGUMENTS = 256;
/** Of the command, and of the environment. One argument of a process has at most 128 KiB on Linux. */
const MAX_BYTES = 65_536;
const MAX_VARIABLES = 64;
const MAX_IMAGE_LENGTH = 256;
const WORKSPACE = /^[a-z0-9][a-z0-9-]{0,62}$/;
const TOKEN = /^[A-Za-z0-9._~-]{1,1024}$/;
const OPTIONS: readonly string[] = ['workspace', 'env', 'timeout', 'image'];

export interface ExecOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly workspace?: string;
  readonly image?: string;
}

export const readCommand = (value: unknown): readonly string[] => {
  if (!Array.isArray(value) || value.length === 0) {
    throw new BindingError(
      `exec takes the command as a list of strings, the program first, such as ["git", "status"]; got ${showValue(value)}. For a shell, write ["bash", "-c", "..."].`,
    );
  }
  if (value.length > MAX_ARGUMENTS) throw new BindingError(`A command has at most ${MAX_ARGUMENTS} arguments`);
  const command = Array.from(value, (argument, index) => readText(argument, `Argument ${index} of the command`));
  if (command[0] === '')
    throw new BindingError('The command begins with the name of a program, not with an empty text');
  checkBytes(command, 'The command');
  return command;
};

export const readExecOptions = (
  value: unknown,
  platform: { readonly maxTimeoutMs: number; readonly hasImages: boolean },
): ExecOptions => {
  const { workspace, image, ...options } = readOptions('exec', value, OPTIONS);
  return {
    env: readEnv(options.env),
    timeoutMs: readTimeout(options.timeout, platform.maxTimeoutMs),
    ...(workspace === undefined ? {} : { workspace: readWorkspace(workspace) }),
    ...(image === undefined ? {} : { image: readImage(image, platform.hasImages) }),
  };
};

export const readOptions = (
  method: string,
  value: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> => {
  const options = readFields(value, `The options of ${method} are`);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return options;
  throw new BindingError(`${method} has no option ${showValue(unknown)}: it takes ${known.join(', ')}`);
};

export const readToken = (value: unknown): string => {
  if (typeof value !== 'string' || !TOKEN.test(value)) {
    throw new BindingError('env.SANDBOX is called in the callback of a step, which returns what it gives');
  }
  return value;
};

export const readWorkspace = (value: unknown): string => {
  if (typeof value === 'string' && WORKSPACE.test(value)) return value;
  throw new BindingError(
    `workspace is a name of lower-case letters, digits and hyphens, at most 63, such as "build"; got ${showValue(value)}`,
  );
};

const readImage = (value: unknown, hasImages: boolean): string => {
  if (!hasImages) {
    throw new BindingError('This platform offers no images: leave out image, and use the programs that are there');
  }
  if (typeof value !== 'string' || value === '' || value.length > MAX_IMAGE_LENGTH) {
    throw new BindingError(`image is the name of an image, got ${showValue(value)}`);
  }
  return value;
};

const readTimeout = (value: unknown, maxMs: number): number => {
  if (value === undefined) return Math.min(DEFAULT_SANDBOX_TIMEOUT_MS, maxMs);
  const parsed = parseDuration(value);
  if (!parsed.ok) throw new BindingError(`timeout: ${parsed.problem}`);
  if (parsed.ms === 0) throw new BindingError('timeout must be longer than 0');
  if (parsed.ms > maxMs) {
    throw new BindingError(`timeout: ${showValue(value)} is longer than this platform allows, ${showMs(maxMs)}`);
  }
  return parsed.ms;
};

const showMs = (ms: number): string => (ms < MINUTE_MS ? `${ms / SECOND_MS} seconds` : `${ms / MINUTE_MS} minutes`);

const readEnv = (value: unknown): Readonly<Record<string, string>> => {
  const fields = Object.entries(readFields(value, 'env is'));
  if (fields.length > MAX_VARIABLES) throw new BindingError(`env has at most ${MAX_VARIABLES} variables`);
  const env: Record<string, string> = Object.create(null);
  for (const [name, text] of fields) {
    if (!isEnvName(name)) {
      throw new BindingError(`env: ${showValue(name)} is no name: it must match ^[A-Za-z_][A-Za-z0-9_]{0,63}$`);
    }
    env[name] = readText(text, `env.${name}`);
  }
  checkBytes(Object.entries(env).flat(), 'env');
  return env;
};

/** May be left out. */
const readFields = (value: unknown, what: string): Readonly<Record<string, unknown>> => {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new BindingError(`${what} an object, not ${showValue(value)}`);
  }
  return value as Readonly<Record<string, unknown>>;
};

const readText = (value: unknown, what: string): string => {
  if (typeof value !== 'string') throw new BindingError(`${what} is a string, not ${showValue(value)}`);
  if (value.includes('\0')) throw new BindingError(`${what} holds a NUL character, which no process can be given`);
  return value;
};

const checkBytes = (texts: readonly string[], what: string): void => {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
  if (bytes > MAX_BYTES) {
    throw new BindingError(
      `${what} has ${bytes} bytes, more than ${MAX_BYTES}: put what is long into a file of the workspace`,
    );
  }
};
