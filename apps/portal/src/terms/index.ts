export { type Meter, type PriceRule, type Terms, TermsFields } from './documents';
export { exactQuantity, formatQuantity, formatUnits, isTokens, METER_UNITS, METERS } from './meters';
export { percentText, priceText } from './price-text';
