export { type BilledMeter, type PriceRule, type Terms, TermsFields } from './documents';
export { exactQuantity, formatQuantity, formatUnits, METER_UNITS, METERS } from './meters';
export { percentText, priceText } from './price-text';
