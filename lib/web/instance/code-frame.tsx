import { ScrollArea } from '../parts/scroll-area.tsx';
import type { FrameLine, StackPlace } from './stack-place.ts';

/** A place in the tenant's source with the lines around it, the column marked. */
export const CodeFrame = ({ place, lines }: { readonly place: StackPlace; readonly lines: readonly FrameLine[] }) => (
  <figure class="frame">
    <figcaption>
      {place.file}:{place.line}:{place.column}
    </figcaption>
    {lines.length > 0 && (
      <ScrollArea class="frame-lines" label={`Source at ${place.file}:${place.line}`}>
        {lines.map((line) => (
          <FrameRow key={line.number} line={line} column={place.column} />
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
