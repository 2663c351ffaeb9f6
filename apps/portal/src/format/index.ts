export { now, useNow } from './clock';
export { parseDecimal, writeDecimal } from './decimal';
export { compareTexts, type Piece } from './diff';
export {
  CURRENCIES,
  decimalsOf,
  exactMoney,
  formatMinor,
  formatMinorShort,
  formatMoney,
  type MinorAmount,
  type Money,
  NANO_DIGITS,
  negated,
} from './money';
export {
  formatBytes,
  formatCount,
  formatMeasure,
  formatNumber,
  formatOrdinal,
  formatPercent,
  formatShort,
  formatTokens,
  plural,
} from './numbers';
export { onFirstUse } from './on-first-use';
export { isConfined, type RoleName, roleName, rolesOf } from './roles';
export { DAY_MILLISECONDS, formatDuration, formatTime, formatUtc, type TimeStyle } from './time';
export { permissionName, words } from './words';
