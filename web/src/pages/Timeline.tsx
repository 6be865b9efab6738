import { Tooltip } from '@mantine/core';
import type { SessionDetail } from '../api/types';
import { bothText, inReaderZone } from '../format';
import { useMessages } from '../i18n';
import { shortType } from './SessionPage';

interface Stretch {
  readonly from: number;
  readonly to: number;
}

const width = 1000;
const minimumMs = 1000;
const ticksMax = 6;

/** From the first thing known to the end, or to now: connected stretches filled, the rest hollow, the doubt about an end hatched. */
export function Timeline({ session }: { session: SessionDetail }) {
  const t = useMessages();
  const start = Date.parse(session.start_time);
  const end = session.end_time ? Date.parse(session.end_time) : Date.parse(session.start_time) + session.duration_ms;
  const doubt = doubtOf(session);
  const first = Math.min(start, ...session.timeline.map((one) => Date.parse(one.time)));
  const last = Math.max(end, doubt?.to ?? 0, first + minimumMs);
  const x = (at: number) => ((Math.min(Math.max(at, first), last) - first) / (last - first)) * width;
  const connected = connectedOf(session, end);
  return (
    <div className="timeline">
      <svg viewBox={`0 0 ${width} 74`} role="img" aria-label={t.session.timelineLabel} preserveAspectRatio="none">
        <defs><pattern id="doubt" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="8" className="timeline-hatch" /></pattern></defs>
        <rect className="timeline-session" x={x(start)} y="18" width={Math.max(2, x(end) - x(start))} height="26" rx="3" />
        {connected.map((one) => <rect key={one.from} className="timeline-connected" x={x(one.from)} y="18" width={Math.max(2, x(one.to) - x(one.from))} height="26" rx="3" />)}
        {doubt && <rect fill="url(#doubt)" className="timeline-doubt" x={x(doubt.from)} y="14" width={Math.max(3, x(doubt.to) - x(doubt.from))} height="34" />}
        <line className="timeline-axis" x1="0" x2={width} y1="54" y2="54" />
      </svg>
      <div className="timeline-events">
        {session.timeline.map((one) => (
          <Tooltip key={one.source + one.id} label={`${shortType(one.type)} · ${bothText(one.time)}`}>
            <i className="timeline-mark" style={{ insetInlineStart: `${x(Date.parse(one.time)) / (width / 100)}%` }} aria-hidden="true" />
          </Tooltip>
        ))}
      </div>
      <div className="timeline-ticks" aria-hidden="true">
        {Array.from({ length: ticksMax }, (_, index) => first + ((last - first) * index) / (ticksMax - 1)).map((at) => {
          const clock = inReaderZone(new Date(at));
          return <span key={at}>{last - first > 36e5 * 20 ? `${clock.date.slice(5)} ${clock.time.slice(0, 5)}` : clock.time}</span>;
        })}
      </div>
      <p className="legend">
        <span><i className="legend-box legend-connected" />{t.session.connected}</span>
        <span><i className="legend-box legend-session" />{t.session.disconnected}</span>
        {doubt && <span><i className="legend-box legend-doubt" />{t.session.uncertain}</span>}
        <span><i className="legend-box legend-mark" />{t.session.event}</span>
      </p>
    </div>
  );
}

function connectedOf(session: SessionDetail, end: number): readonly Stretch[] {
  return session.connections
    .filter((one) => one.established_at)
    .map((one) => ({ from: Date.parse(one.established_at!), to: one.ended_at ? Math.min(Date.parse(one.ended_at), end) : end }))
    .filter((one) => one.to >= one.from);
}

function doubtOf(session: SessionDetail): Stretch | null {
  if (!session.end_time_earliest || !session.end_time_latest || session.end_time_earliest === session.end_time_latest) return null;
  return { from: Date.parse(session.end_time_earliest), to: Date.parse(session.end_time_latest) };
}
