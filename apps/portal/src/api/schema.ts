import { z } from 'zod';

// zod would compile its checks with `new Function`, which the pages' policy forbids, and the browser reports every try.
z.config({ jitless: true });

/** For forms: the one way to zod. */
export { z };
