const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const DECIMAL_UNITS = ['', 'k', 'M', 'B', 'T'];

export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < BINARY_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${BINARY_UNITS[unit]}`;
}

/** A large count, rounded: 3,999,744 is 4.00M. */
export function formatCount(count: number | string | null | undefined): string {
  if (count === null || count === undefined) return '';
  let [value, unit] = [Number(count), 0];
  while (Math.abs(value) >= 1000 && unit < DECIMAL_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? String(value) : `${value.toPrecision(3)}${DECIMAL_UNITS[unit]}`;
}

/** An exact count, in groups of three digits. */
export function formatInteger(count: number | string | null | undefined): string {
  return count === null || count === undefined ? '' : String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function formatNumber(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined) return '';
  return Number.isInteger(value) ? String(value) : Number(value.toPrecision(digits)).toString();
}

export function formatShare(share: number | null | undefined): string {
  return share === null || share === undefined ? '' : `${(share * 100).toFixed(1)}%`;
}

export function formatSeconds(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '';
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A moment in UTC, to the minute. */
export function formatTime(time: string | null | undefined): string {
  return time ? `${time.slice(0, 10)} ${time.slice(11, 16)}Z` : '';
}

/** A constant of the schema, as people write it: VALIDATING_FILES is "validating files". */
export function formatConstant(constant: string | null | undefined): string {
  return constant ? constant.toLowerCase().replaceAll('_', ' ') : '';
}

/** What people write for a constant of the schema: `exact-match` is EXACT_MATCH. */
export function toConstant(word: string): string {
  return word.trim().toUpperCase().replaceAll(/[-: ]/g, '_');
}

/** Scalars of a JSON object on one line: hyperparameters of a recipe. */
export function formatParameters(parameters: unknown): string {
  if (typeof parameters !== 'object' || parameters === null) return '';
  return Object.entries(parameters)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value) || Array.isArray(value))
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : String(value)}`)
    .join(' ');
}
