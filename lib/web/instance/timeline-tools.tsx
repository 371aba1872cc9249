interface TimelineToolsProps {
  /** What the timeline covers. */
  readonly about: string;
  /** Absent: there is nothing to shorten. */
  readonly isShortened: boolean | undefined;
  readonly onShorten: () => void;
  readonly zoom: number;
  readonly onZoom: (zoom: number) => void;
}

const MAX_ZOOM = 64;

/** How the axis is drawn. */
export const TimelineTools = ({ about, isShortened, onShorten, zoom, onZoom }: TimelineToolsProps) => (
  <div class="timeline-tools">
    <span class="quiet">{about}</span>
    {isShortened !== undefined && (
      <label class="check">
        <input type="checkbox" checked={isShortened} onChange={onShorten} />
        Shorten idle time
      </label>
    )}
    <fieldset class="zoom">
      <legend class="unseen">Zoom</legend>
      <button type="button" class="small" aria-label="Zoom out" disabled={zoom === 1} onClick={() => onZoom(zoom / 2)}>
        −
      </button>
      <button type="button" class="small" disabled={zoom === 1} onClick={() => onZoom(1)}>
        Fit
      </button>
      <button
        type="button"
        class="small"
        aria-label="Zoom in"
        disabled={zoom === MAX_ZOOM}
        onClick={() => onZoom(zoom * 2)}
      >
        +
      </button>
    </fieldset>
  </div>
);
