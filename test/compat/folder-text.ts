import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { CompatFolder } from './releases.ts';

/** A data folder that no service has open, as text. Its keys are left out: the next start makes new ones. */
export const folderToText = (path: string): CompatFolder => {
  const database = new DatabaseSync(join(path, 'tenon.db'), { readOnly: true });
  try {
    const userVersion = Number(database.prepare('PRAGMA user_version').get()?.user_version);
    const schema = database.prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").all();
    const rows = schema.filter(({ type }) => type === 'table').flatMap(({ name }) => rowsOf(database, String(name)));
    return {
      userVersion,
      statements: [...schema.map(({ sql }) => String(sql)), ...rows],
      blobs: Object.fromEntries(filesOf(join(path, 'blobs/named'), '')),
    };
  } finally {
    database.close();
  }
};

/** Makes the folder that the text tells of. */
export const textToFolder = ({ userVersion, statements, blobs }: CompatFolder, path: string): void => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(path, 'tenon.db'));
  for (const statement of statements) database.exec(statement);
  database.exec(`PRAGMA user_version = ${userVersion}`);
  database.close();
  for (const [name, text] of Object.entries(blobs)) {
    const file = join(path, 'blobs/named', name);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text);
  }
};

const rowsOf = (database: DatabaseSync, table: string): readonly string[] => {
  // Generated columns are left out: nothing can be written to them.
  const info = database.prepare(`PRAGMA table_info("${table}")`).all();
  const columns = info.map(({ name }) => `"${name}"`).join(', ');
  const rows = database.prepare(`SELECT ${columns} FROM "${table}"`).all();
  return rows.map(
    (row) => `INSERT INTO "${table}" (${columns}) VALUES (${Object.values(row).map(literal).join(', ')})`,
  );
};

const literal = (value: SQLOutputValue): string => {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  if (value instanceof Uint8Array) return `X'${Buffer.from(value).toString('hex')}'`;
  return String(value);
};

const filesOf = (root: string, folder: string): readonly (readonly [string, string])[] =>
  readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name);
    return statSync(join(root, path)).isDirectory()
      ? filesOf(root, path)
      : [[path, readFileSync(join(root, path), 'utf8')] as const];
  });
