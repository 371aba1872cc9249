import { randomBytes } from 'node:crypto';
import { HttpClient } from '../../client/http-client.ts';
import { lengthText } from '../../client/wording.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { stopOnSignal } from '../stop-signal.ts';
import type { Terminal } from '../terminal.ts';
import { approval, crash, run, type Stage, timed, upload } from './acts.ts';
import { Narrator } from './narrator.ts';
import { neighbour } from './neighbour.ts';
import { Outside } from './outside.ts';
import { TourServer } from './tour-server.ts';

/** Two minutes on a server of its own, which leaves nothing behind. Ctrl-C ends it. */
export const runTour = async (terminal: Terminal, { isFast }: { readonly isFast: boolean }): Promise<ExitCode> => {
  const stop = stopOnSignal(terminal);
  const server = new TourServer(`ok_${randomBytes(32).toString('base64url')}`);
  // Whatever is being waited for then fails, and the tour is over.
  stop.signal.addEventListener('abort', () => void server.end('SIGKILL'), { once: true });
  const outside = new Outside();
  const narrator = new Narrator(terminal, { isFast, signal: stop.signal });
  try {
    const outsideAddress = await outside.open();
    const { ms } = await timed(() => server.start());
    narrator.act('Tenon: durable workflows that follow the tenant');
    await narrator.say(
      `A server of its own is up at ${server.url} after ${lengthText(ms)}: one process, SQLite and files in a temporary folder. What follows are real calls and real figures.`,
    );
    const operator = new HttpClient(server.url, server.operatorKey);
    await play({ server, outside, outsideAddress, operator, narrator, terminal });
    terminal.print('\nThat was it: the server is stopped and its folder removed. "npm start" starts one for you.');
    return EXIT.ok;
  } catch (error) {
    if (stop.signal.aborted) return EXIT.ok;
    terminal.complain(`error: the tour did not come to its end: ${(error as Error).message}`);
    return EXIT.refused;
  } finally {
    await server.remove();
    outside.close();
    stop.release();
  }
};

const play = async (stage: Stage): Promise<void> => {
  const acme = await upload(stage);
  await run(stage, acme);
  await approval(stage, acme);
  await crash(stage, acme);
  await neighbour(stage, acme);
};
