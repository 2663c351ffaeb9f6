export { Every, type HandlerOptions, HandlesMessage } from './decorators.js';
export { QueueModule, type QueueModuleOptions } from './queue.module.js';
export { Schedules } from './schedules.js';
