/** Why the data folder cannot be used; `message` tells the operator what to do. */
export type DataFolderProblem =
  | 'data.locked'
  | 'data.read_only'
  | 'data.full'
  | 'data.newer_schema'
  | 'data.not_a_folder'
  | 'data.damaged';

export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
  readonly code: DataFolderProblem;

  constructor(code: DataFolderProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

// SQLite's primary result codes, https://sqlite.org/rescode.html; the low byte of an extended code.
const BUSY = 5;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

const problemOf = (error: { code?: unknown; errcode?: unknown }): DataFolderProblem | undefined => {
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'data.full';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'data.read_only';
    case 'EEXIST':
    case 'ENOTDIR':
      return 'data.not_a_folder';
    default:
      break;
  }
  if (typeof error.errcode !== 'number') return undefined;
  switch (error.errcode & 0xff) {
    case BUSY:
      return 'data.locked';
    case READONLY:
    case CANTOPEN:
      return 'data.read_only';
    case FULL:
      return 'data.full';
    case CORRUPT:
    case NOTADB:
      return 'data.damaged';
    default:
      return undefined;
  }
};

const ADVICE: Record<DataFolderProblem, string> = {
  'data.locked':
    'The data folder is in use by another process. Stop that one first, or name another folder with --data.',
  'data.read_only':
    'The data folder cannot be written to. Give this user write permission on it and on the files in it, or name another folder with --data.',
  'data.full':
    'The disk of the data folder is full. Make room and try again; nothing that was acknowledged is lost, and what was refused was not written.',
  'data.newer_schema':
    'The data folder was written by a newer release. Start that release, or name another folder with --data.',
  'data.not_a_folder':
    'The path of the data folder is taken by something that is not a folder. Name another one with --data.',
  'data.damaged':
    'A file in the data folder is damaged or is not a database. Restore the folder from a backup, or name another one with --data.',
};

export const dataFolderError = (code: DataFolderProblem, cause?: unknown): DataFolderError =>
  new DataFolderError(code, ADVICE[code], { cause });

/** Gives an error of SQLite or of the file system its stable code; anything else comes back as it is. */
export const asDataFolderError = (error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof DataFolderError) return error;
  const problem = problemOf(error as Error & { code?: unknown; errcode?: unknown });
  return problem === undefined ? error : dataFolderError(problem, error);
};
