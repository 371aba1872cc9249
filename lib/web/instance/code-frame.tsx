import { ScrollArea } from '../parts/scroll-area.tsx';
import type { Frame, FrameLine, StackPlace } from './stack-place.ts';

interface CodeFrameProps {
  readonly place: StackPlace;
  /** Absent: the source is not known. */
  readonly frame: Frame | undefined;
}

/** A place in the tenant's source with the lines around it, the column marked. */
export const CodeFrame = ({ place, frame }: CodeFrameProps) => (
  <figure class="frame">
    <figcaption>
      {place.file}:{place.line}:{place.column}
    </figcaption>
    {frame !== undefined && frame.lines.length > 0 && (
      <ScrollArea class="frame-lines" label={`Source at ${place.file}:${place.line}`}>
        {frame.lines.map((line) => (
          <FrameRow key={line.number} line={line} column={place.column - frame.indent} />
        ))}
      </ScrollArea>
    )}
  </figure>
);

const FrameRow = ({ line, column }: { readonly line: FrameLine; readonly column: number }) => (
  <code class="frame-line" data-place={line.isPlace}>
    <span class="frame-number">{line.number}</span>
    {line.text}
    {line.isPlace && (
      <span class="frame-mark" aria-hidden="true">
        {`\n${' '.repeat(Math.max(0, column - 1))}^`}
      </span>
    )}
  </code>
);
