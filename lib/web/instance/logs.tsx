import { useEffect, useRef, useState } from 'preact/hooks';
import type { LogLine, Step } from '../../client/operations.ts';
import { ScrollArea } from '../parts/scroll-area.tsx';
import { filterLines, LEVELS, type Level } from './log-lines.ts';
import { logNameOf, stepKeyOf, stepLabelOf } from './step-key.ts';

interface LogsProps {
  readonly lines: readonly LogLine[];
  readonly steps: readonly Step[];
  /** Only its lines are shown. */
  readonly selected: Step | undefined;
  readonly onSelect: (key: string | undefined) => void;
}

const SHOWN_AT_ONCE = 300;

/** What the instance says, the newest at the end, each line with the step that has said it. */
export const Logs = ({ lines, steps, selected, onSelect }: LogsProps) => {
  const [from, setFrom] = useState<Level>('debug');
  const [text, setText] = useState('');
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const list = useRef<HTMLElement>(null);
  const wanted = filterLines(lines, { minLevel: from, text, step: selected && logNameOf(selected) });
  const visible = wanted.slice(-shown);
  useStayingAtEnd(list, visible.at(-1)?.eventId);
  return (
    <section class="panel logs" aria-label="Logs">
      <header class="panel-head">
        <h2>Logs{selected !== undefined && ` of ${stepLabelOf(selected)}`}</h2>
        {selected !== undefined && (
          <button type="button" class="small" onClick={() => onSelect(undefined)}>
            Show all
          </button>
        )}
      </header>
      <div class="logs-filter">
        <select aria-label="Level" value={from} onChange={({ currentTarget }) => setFrom(currentTarget.value as Level)}>
          {LEVELS.map((level, at) => (
            <option key={level} value={level}>
              {at === 0 ? 'All levels' : at === LEVELS.length - 1 ? 'error' : `${level} and above`}
            </option>
          ))}
        </select>
        <input
          type="search"
          aria-label="Filter by text"
          placeholder="Filter"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </div>
      {visible.length === 0 ? (
        <p class="quiet">{lines.length === 0 ? 'Nothing has been said by console yet.' : 'No line is like that.'}</p>
      ) : (
        <ScrollArea class="log-lines" label="Log lines" areaRef={list}>
          <ol>
            {wanted.length > visible.length && (
              <li>
                <button type="button" class="small" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
                  {(wanted.length - visible.length).toLocaleString()} earlier lines
                </button>
              </li>
            )}
            {visible.map((line) => (
              <Line key={line.eventId} line={line} step={stepOf(steps, line)} onSelect={onSelect} />
            ))}
          </ol>
        </ScrollArea>
      )}
    </section>
  );
};

/** A name with a number at its end may be read in two ways: the step's own name decides. */
const stepOf = (steps: readonly Step[], { step: said }: LogLine): Step | undefined =>
  said === undefined ? undefined : steps.find((step) => logNameOf(step) === said && step.type === 'step');

interface LineProps {
  readonly line: LogLine;
  readonly step: Step | undefined;
  readonly onSelect: (key: string | undefined) => void;
}

const Line = ({ line, step, onSelect }: LineProps) => (
  <li class="log-line" data-level={line.level}>
    <time dateTime={line.time} title={line.time}>
      {line.time.slice(11, 23)}
    </time>
    <span class="log-level">{line.level}</span>
    <span class="log-message">{line.message}</span>
    {step !== undefined && (
      <button type="button" class="link" onClick={() => onSelect(stepKeyOf(step))}>
        {stepLabelOf(step)}
      </button>
    )}
  </li>
);

const NEAR_END_PX = 40;

/** Whoever reads the end goes on reading it; whoever has scrolled back is left there. */
const useStayingAtEnd = (list: { readonly current: HTMLElement | null }, lastId: number | undefined): void => {
  const isAtEnd = useRef(true);
  useEffect(() => {
    const element = list.current;
    if (element === null) return undefined;
    const look = () => {
      isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
    };
    element.addEventListener('scroll', look);
    return () => element.removeEventListener('scroll', look);
  }, [lastId === undefined]);
  useEffect(() => {
    if (isAtEnd.current && list.current !== null) list.current.scrollTop = list.current.scrollHeight;
  }, [lastId]);
};
