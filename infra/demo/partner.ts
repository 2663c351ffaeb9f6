import OpenAI from 'openai';
import { GraphqlClient } from '#libs/client';
import { settings } from './settings.js';

/** The two clients a partner's program would have. */
export const client = new GraphqlClient({ graphqlUrl: settings.graphqlUrl, credentials: { apiKey: settings.apiKey } });
export const openai = new OpenAI({ baseURL: settings.openAiUrl, apiKey: settings.apiKey });
