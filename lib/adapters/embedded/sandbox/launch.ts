import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { REAPER_SCRIPT, SETUP_SCRIPT } from './setup-script.ts';

/** How a command is contained. `none`: a plain child, where the operator said that this may be. */
export type Containment = 'namespaces' | 'bubblewrap' | 'none';

export interface SandboxLimits {
  /** Of one command's processes together, bytes. */
  readonly memoryBytes: number;
  readonly processes: number;
  /** Bytes. */
  readonly fileBytes: number;
  /** Bytes that a workspace may hold. */
  readonly workspaceBytes: number;
  /** Bytes that a command may write to stdout and stderr together. */
  readonly outputBytes: number;
}

export interface LaunchRequest {
  /** An empty folder that only serves as a place for mounts. */
  readonly root: string;
  readonly workspace: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly limits: SandboxLimits;
}

export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Where `stdio` has a pipe by which one hears that the sandbox is ready and the command about to start. */
export const READY_FD = 3;

/**
 * Who runs commands where the service is root: nobody of the host. Its number in the user database of almost every system;
 * a workspace belongs to it.
 */
export const UNPRIVILEGED_USER = 65_534;

const PATH = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin';
/** Below the service, and below what an operator does on the machine. */
const NICENESS = 10;

export const isRoot = (): boolean => process.getuid?.() === 0;

/**
 * What to spawn. The tenant's variables take effect after the last program that runs with any right of the service; until
 * then, they and the command stand under names of our own.
 */
export const launchOf = (containment: Containment, request: LaunchRequest): Launch => {
  const env = {
    PATH,
    ...numbered('TENON_V', variablesOf(request, containment)),
    ...numbered('TENON_A', request.command),
  };
  switch (containment) {
    case 'namespaces': {
      const args = [
        ...['unshare', ...(isRoot() ? [] : ['--user', '--map-root-user'])],
        ...['--mount', '--pid', '--net', '--ipc', '--uts', '--cgroup', '--fork', '--kill-child=KILL', '--'],
        ...['sh', '-c', SETUP_SCRIPT, 'sh', request.root, request.workspace, isRoot() ? `${UNPRIVILEGED_USER}` : '-'],
        ...limited(request, ['setpriv', '--no-new-privs', ...started(request)]),
      ];
      return { ...dyingWithParent(args), cwd: '/', env };
    }
    case 'bubblewrap':
      return { ...dyingWithParent([...bubblewrap(request), ...limited(request, started(request))]), cwd: '/', env };
    case 'none': {
      const cwd = request.workspace;
      // The programs that bound it are those of Linux.
      if (process.platform !== 'linux')
        return { file: 'nice', args: ['-n', `${NICENESS}`, ...started(request)], cwd, env };
      return { ...dyingWithParent(limited(request, started(request))), cwd, env };
    }
  }
};

const variablesOf = ({ env, workspace }: LaunchRequest, containment: Containment): readonly string[] => {
  const home = containment === 'none' ? workspace : '/workspace';
  return Object.entries({ PATH, HOME: home, LANG: 'C.UTF-8', ...env }).map(([name, value]) => `${name}=${value}`);
};

const numbered = (name: string, texts: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(texts.map((text, index) => [`${name}${index}`, text]));

/** A parent that is killed takes it along. */
const dyingWithParent = (args: readonly string[]): Pick<Launch, 'file' | 'args'> => ({
  file: 'setpriv',
  args: ['--pdeathsig=KILL', 'nice', '-n', `${NICENESS}`, ...args],
});

const limited = ({ limits }: LaunchRequest, args: readonly string[]): readonly string[] => [
  'prlimit',
  `--nproc=${limits.processes}`,
  `--data=${limits.memoryBytes}`,
  `--fsize=${limits.fileBytes}`,
  '--core=0',
  ...args,
];

/** By the environment and not as arguments: those stand in the machine's list of processes. */
const started = ({ env, command }: LaunchRequest): readonly string[] => {
  const variables = Object.keys({ PATH, HOME: '', LANG: '', ...env }).map((_, index) => `"$TENON_V${index}"`);
  const args = command.map((_, index) => `"$TENON_A${index}"`);
  // From here on what fails is the command's own doing.
  const script = `printf x >&3; exec 3>&-; exec env --ignore-environment ${variables.join(' ')} sh -c '${REAPER_SCRIPT}' sh ${args.join(' ')}`;
  return ['sh', '-c', script];
};

/** As the setup script does it, by the one program that may do so where user namespaces are kept from everybody else. */
const bubblewrap = ({ workspace }: LaunchRequest): readonly string[] => [
  ...['bwrap', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--unshare-user-try', '--unshare-pid'],
  ...['--unshare-net', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try', '--hostname', 'sandbox'],
  ...['--ro-bind', '/usr', '/usr', ...['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'].flatMap(systemFolder)],
  ...[
    '--ro-bind-try',
    '/etc/alternatives',
    '/etc/alternatives',
    '--ro-bind-try',
    '/etc/ld.so.cache',
    '/etc/ld.so.cache',
  ],
  ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--bind', workspace, '/workspace', '--remount-ro', '/'],
  ...['--chdir', '/workspace', '--'],
];

const systemFolder = (name: string): readonly string[] => {
  const path = `/${name}`;
  if (!existsSync(path)) return [];
  return lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
};
