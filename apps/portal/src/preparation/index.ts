export { PreparationReport, type ReportTab } from './report';
