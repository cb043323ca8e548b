export type { ErrorKind, Finding } from './errors.ts';
export { EXIT_CODE, MapeImageError } from './errors.ts';
export { loadServiceTable } from './flow/services.ts';
export { MapeError } from './mape/errors.ts';
export { type CalculateOptions, type Calculator, makeCalculator } from './mape/lookup.ts';
export type { MapeParameters, MapeWarning, PortRange } from './mape/parameters.ts';
export { computePortRanges, containsPort, countPorts } from './mape/ports.ts';
export { parseUserRules } from './mape/rule-file.ts';
export type { Plan } from './plan/plan.ts';
