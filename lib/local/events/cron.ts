/** Whether a wall-clock minute in UTC is one of the expression's. */
interface CronFields {
  minutes: readonly number[];
  hours: readonly number[];
  day: (date: Date) => boolean;
}

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const dayLength = 24 * 3_600_000;
/** A leap day that is also a certain weekday comes again within 40 years. */
const horizonDays = 41 * 366;

/**
 * Reads `minutes hours day-of-month month day-of-week year` as EventBridge does, in UTC:
 * docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 * @returns the first time after the given one; undefined where there is none
 * @throws Error where a field is not understood
 */
export function compileCron(text: string): (after: number) => number | undefined {
  const fields = readFields(text);
  return (after) => {
    const earliest = Math.floor(after / 60_000) * 60_000 + 60_000;
    const today = Math.floor(earliest / dayLength) * dayLength;
    for (let day = 0; day < horizonDays; day++) {
      const midnight = today + day * dayLength;
      if (!fields.day(new Date(midnight))) continue;
      const found = firstOfDay(fields, midnight, earliest);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

function firstOfDay({ hours, minutes }: CronFields, midnight: number, earliest: number): number | undefined {
  const times = hours.flatMap((hour) => minutes.map((minute) => midnight + (hour * 60 + minute) * 60_000));
  return times.find((time) => time >= earliest);
}

function readFields(text: string): CronFields {
  const [minute, hour, dayOfMonth, month, dayOfWeek, year, ...rest] = text.trim().split(/\s+/u);
  if (!minute || !hour || !dayOfMonth || !month || !dayOfWeek || !year || rest.length > 0) {
    throw new Error(`cron(${text}) needs six fields`);
  }
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw new Error(`cron(${text}): one of day-of-month and day-of-week has to be "?"`);
  }
  const months = new Set(readValues(month, { least: 1, most: 12, names: monthNames }));
  const years = year === '*' ? undefined : new Set(readValues(year, { least: 1970, most: 2199 }));
  const inDay = dayOfWeek === '?' ? readDayOfMonth(dayOfMonth) : readDayOfWeek(dayOfWeek);
  return {
    minutes: readValues(minute, { least: 0, most: 59 }),
    hours: readValues(hour, { least: 0, most: 23 }),
    day: (date) => months.has(date.getUTCMonth() + 1) && (years?.has(date.getUTCFullYear()) ?? true) && inDay(date),
  };
}

function readDayOfMonth(field: string): (date: Date) => boolean {
  if (field === 'L') return (date) => date.getUTCDate() === lastDay(date);
  const days = new Set(readValues(field, { least: 1, most: 31 }));
  return (date) => days.has(date.getUTCDate());
}

function readDayOfWeek(field: string): (date: Date) => boolean {
  const range = { least: 1, most: 7, names: dayNames };
  const nth = /^(\w+)#([1-5])$/u.exec(field);
  if (nth) {
    const [weekday] = readValues(nth[1] ?? '', range);
    return (date) => weekdayOf(date) === weekday && Math.ceil(date.getUTCDate() / 7) === Number(nth[2]);
  }
  const last = /^(\w+)L$/u.exec(field);
  if (last) {
    const [weekday] = readValues(last[1] ?? '', range);
    return (date) => weekdayOf(date) === weekday && date.getUTCDate() > lastDay(date) - 7;
  }
  const days = new Set(readValues(field === 'L' ? '7' : field, range));
  return (date) => days.has(weekdayOf(date));
}

/** 1 is Sunday. */
const weekdayOf = (date: Date): number => date.getUTCDay() + 1;

const lastDay = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

interface Range {
  least: number;
  most: number;
  /** of `least`, `least + 1`, … */
  names?: readonly string[];
}

/** Lists, ranges and steps: `1,5-7,10/15,*`. */
function readValues(field: string, range: Range): number[] {
  const values = field.split(',').flatMap((part) => readPart(part, range));
  return [...new Set(values)].toSorted((a, b) => a - b);
}

function readPart(part: string, range: Range): number[] {
  const [span = '', step = '1', ...rest] = part.split('/');
  const [from = '', to] = span === '*' ? [String(range.least), String(range.most)] : span.split('-');
  const first = readNumber(from, range);
  const last = to === undefined ? (part.includes('/') ? range.most : first) : readNumber(to, range);
  const width = Number(step);
  if (rest.length > 0 || !(Number.isInteger(width) && width > 0) || last < first) {
    throw new Error(`"${part}" is not understood in a cron expression`);
  }
  return Array.from({ length: Math.floor((last - first) / width) + 1 }, (_, index) => first + index * width);
}

function readNumber(text: string, { least, most, names = [] }: Range): number {
  const named = names.indexOf(text.toUpperCase());
  const number = named === -1 ? Number(text) : named + least;
  if (/^\w+$/u.test(text) && Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`"${text}" is not understood in a cron expression`);
}
