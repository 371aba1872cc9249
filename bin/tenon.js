#!/usr/bin/env node
// `tenon` as a command, whatever Node starts it: Tenon itself needs 24, which comes with its packages where the machine's own is older.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const own = file('../node_modules/.bin/node');

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  await import('./tenon.ts');
} else if (existsSync(own)) {
  const child = spawn(own, [file('tenon.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal's Ctrl-C reaches the child by itself, and it says when it has ended.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 128);
  });
} else {
  console.error(
    `error: Tenon needs Node ${NEEDED}, this is ${process.versions.node}: install it, or run "npm ci" in Tenon's folder on Linux`,
  );
  process.exitCode = 1;
}
