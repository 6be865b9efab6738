import type { Session } from '../api/types';
import { inReaderZone } from '../format';

export interface Day {
  readonly date: string;
  readonly hours: number;
}

const dayMs = 24 * 3600 * 1000;

/** Hours with a session open, by the reader's days; two at once count twice. Failed logons were never open. */
export function dayHours(sessions: readonly Session[], from: string, asOf: string): readonly Day[] {
  const first = new Date(Date.parse(from));
  first.setHours(0, 0, 0, 0);
  const until = Date.parse(asOf);
  const days: Day[] = [];
  for (let start = first.getTime(); start < until; start = nextDay(start)) {
    const end = Math.min(nextDay(start), until);
    let open = 0;
    for (const session of sessions) {
      if (session.state === 'failed') continue;
      const ended = session.end_time ? Date.parse(session.end_time) : until;
      open += Math.max(0, Math.min(ended, end) - Math.max(Date.parse(session.start_time), start));
    }
    days.push({ date: inReaderZone(new Date(start)).date, hours: open / 3_600_000 });
  }
  return days;
}

/** Not simply 24 hours: clocks are set twice a year. */
function nextDay(start: number): number {
  const next = new Date(start + dayMs + dayMs / 4);
  next.setHours(0, 0, 0, 0);
  return next.getTime();
}

export function DayBars({ days, label, unit }: { days: readonly Day[]; label: string; unit: string }) {
  const most = Math.max(...days.map((day) => day.hours), 1);
  return (
    <div className="day-bars" role="img" aria-label={`${label}: ${days.filter((day) => day.hours > 0).map((day) => `${day.date} ${day.hours.toFixed(1)}`).join(', ')}`}>
      {days.map((day) => (
        <span key={day.date} className="day-bar" title={`${day.date}: ${day.hours.toFixed(1)} ${unit}`}>
          <i style={{ height: `${Math.max(day.hours > 0 ? 3 : 0, (day.hours / most) * 100)}%` }} />
        </span>
      ))}
      <span className="day-bars-most">{most.toFixed(1)} {unit}</span>
      <span className="day-bars-first">{days[0]?.date.slice(5)}</span>
      <span className="day-bars-last">{days.at(-1)?.date.slice(5)}</span>
    </div>
  );
}
