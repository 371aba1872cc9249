import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Folder of a virtual environment that was made from `requirements.txt`. Without it the tools are looked for on PATH. */
export const VENV_VARIABLE = 'ORACLES_VENV';

/** Where a Python tool lies; `undefined`: it is not there. A folder that is named and does not have it is not passed over. */
export const findTool = (name: string, env: NodeJS.ProcessEnv = process.env): string | undefined => {
  const venv = env[VENV_VARIABLE] ?? '';
  const folders =
    venv === '' ? (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '') : [join(venv, 'bin')];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
};

export const absenceOf = (name: string): string =>
  `${name} is neither in the folder that ${VENV_VARIABLE} names nor on PATH: pip install -r test/oracles/requirements.txt`;

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
