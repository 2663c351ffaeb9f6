export { now, useNow } from './clock';
export { compareTexts, type Piece } from './diff';
export { exactMoney, formatMoney, type Money } from './money';
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
export { isConfined, type RoleName, roleName, rolesOf } from './roles';
export { formatDuration, formatTime, formatUtc, type TimeStyle } from './time';
export { permissionName, words } from './words';
