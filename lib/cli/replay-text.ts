import { countText, versionText } from '../client/wording.ts';
import type { InstanceDetail, ShownPlace, ShownReplay, ShownStep } from './api-types.ts';
import type { Paint } from './terminal.ts';

/** A replay as a person wants to see it: the recorded steps in order, and where it came to. */
export const replayText = (instance: InstanceDetail, replay: ShownReplay, paint: Paint): string => {
  const { workflow, id, status, steps } = instance;
  const other = replay.version === instance.version ? '' : `, recorded with ${versionText(instance.version)}`;
  return [
    `${paint('bold', `${workflow} ${id}`)}  ${status}`,
    paint('dim', `replayed with version ${versionText(replay.version)}${other}`),
    '',
    ...steps.map((step) => stepLine(step, replay, paint)),
    ...(steps.length === 0 ? [] : ['']),
    ...replay.divergences.flatMap(({ expected, got, place }) => [
      paint('red', `✗ expected ${expected}, got ${got}`),
      ...placeLines(place, paint),
    ]),
    ...endLines(replay, paint),
  ].join('\n');
};

const CALLS: Readonly<Record<ShownStep['type'], string>> = {
  step: 'step.do',
  sleep: 'step.sleep',
  waitForEvent: 'step.waitForEvent',
  rollback: 'rollback of step.do',
};

const stepLine = (step: ShownStep, { divergences }: ShownReplay, paint: Paint): string => {
  const call = `${CALLS[step.type]}(${JSON.stringify(step.name)})${step.count > 1 ? ` no. ${step.count}` : ''}`;
  const isMissed = divergences.some(({ expected }) => expected === call);
  const mark = isMissed
    ? paint('red', '✗')
    : typeof step.endedAt === 'string'
      ? paint('green', '✓')
      : paint('yellow', '…');
  return `  ${mark} ${call}  ${paint('dim', step.status)}`;
};

const endLines = (replay: ShownReplay, paint: Paint): string[] => {
  const { outcome, error, place, next, recorded, delivered } = replay;
  const got = `${delivered} of ${countText(recorded, 'recorded result')}`;
  const lines = [paint(outcome === 'ok' ? 'green' : 'red', `${outcome}: ${STOPS[replay.stop]}, after ${got}`)];
  if (next !== undefined) lines.push(`next ${next}`);
  if (error !== undefined) lines.push(paint('red', `${error.name}: ${error.message}`));
  return [...lines, ...placeLines(place, paint)];
};

const STOPS: Readonly<Record<ShownReplay['stop'], string>> = {
  caught_up: 'everything recorded has been replayed',
  effect: 'run() calls the outside outside a step',
  returned: 'run() has returned',
  threw: 'run() has thrown',
  lost: 'the code could not be replayed',
};

const placeLines = (place: ShownPlace | undefined, paint: Paint): string[] => {
  if (place === undefined) return [];
  const { file, line, column, text } = place;
  const at = `  at ${file}:${line}:${column}`;
  return text === undefined ? [at] : [at, paint('dim', `  ${line} | ${text}`)];
};
