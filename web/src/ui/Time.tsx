import { useLanguage } from '../i18n';
import { durationText, inReaderZone, inUtc, isReaderUtc, localText, utcText } from '../format';

/** An instant in the reader's zone with UTC beside it. */
export function Time({ at }: { at: string | null | undefined }) {
  if (!at) return <span className="dim">–</span>;
  const instant = new Date(at);
  const [here, there] = [inReaderZone(instant), inUtc(instant)];
  return (
    <time dateTime={at} title={`${localText(at)} · ${utcText(at)}`} className="time">
      <span className="time-date">{here.date}</span> {here.time}
      {isReaderUtc ? <span className="time-utc">Z</span> : <span className="time-utc">{here.date === there.date ? '' : `${there.date.slice(5)} `}{there.time.slice(0, 5)}Z</span>}
    </time>
  );
}

export function Duration({ ms }: { ms: number | null | undefined }) {
  const language = useLanguage();
  return ms == null ? <span className="dim">–</span> : <span className="number">{durationText(ms, language)}</span>;
}
