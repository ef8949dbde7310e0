/** A line of a log file in the CRI's format: `2026-01-02T03:04:05.000000000Z stdout F text`. */
export interface LogLine {
  readonly time: string;
  readonly text: string;
  /** Whether the program ended the line, rather than the file format. */
  readonly full: boolean;
}

/** Undefined for what is no such line. */
export function parseLogLine(line: string): LogLine | undefined {
  const [, time, tag, text] = /^(\S+) (?:stdout|stderr) ([FP])\S* (.*)$/s.exec(line) ?? [];
  return time === undefined || text === undefined ? undefined : { time, text, full: tag === 'F' };
}
