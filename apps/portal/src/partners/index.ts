export { PartnerChoice } from './partner-choice';
export { usePartners } from './use-partners';
