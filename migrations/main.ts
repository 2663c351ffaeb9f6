import { migrate } from './run.js';

const { DATABASE_OWNER_URL } = process.env;
if (!DATABASE_OWNER_URL) throw new Error('DATABASE_OWNER_URL is not set: it names the role that owns the schema.');
const ran = await migrate(DATABASE_OWNER_URL);
console.log(ran.length === 0 ? 'The schema is up to date.' : `Ran ${ran.length} migrations: ${ran.join(', ')}`);
