import type { CodeVariant } from '../../ui';

/** What a program or an editor needs to know to call a model here. */
export interface CallTarget {
  baseUrl: string;
  /** What to give as `model`. */
  model: string;
  /** Without a chat template a model only continues text. */
  hasChatTemplate: boolean;
}

/** The key stands in an environment variable: what is copied can be committed. */
const KEY_VARIABLE = 'FORKPOINT_API_KEY';

export function programSetups(target: CallTarget): CodeVariant[] {
  return [
    { name: 'curl', code: curl(target), note: `Put a key into ${KEY_VARIABLE} first.` },
    { name: 'Python', code: python(target), note: `pip install openai, and put a key into ${KEY_VARIABLE}.` },
    { name: 'Node', code: node(target), note: `npm install openai, and put a key into ${KEY_VARIABLE}.` },
  ];
}

export function editorSetups(target: CallTarget): CodeVariant[] {
  return [
    {
      name: 'Continue (VS Code, JetBrains)',
      code: continueYaml(target),
      note: 'Goes into ~/.continue/config.yaml; replace YOUR_KEY.',
    },
    {
      name: 'Cline, Roo Code (VS Code)',
      code: fields([
        ['API Provider', 'OpenAI Compatible'],
        ['Base URL', target.baseUrl],
        ['API Key', 'YOUR_KEY'],
        ['Model ID', target.model],
      ]),
      note: 'Enter these in the settings of the extension.',
    },
    {
      name: 'Cursor',
      code: fields([
        ['OpenAI API Key', 'YOUR_KEY'],
        ['Override OpenAI Base URL', target.baseUrl],
        ['Add model', target.model],
      ]),
      note: 'In Settings, Models. Cursor calls from its own servers: the address has to be reachable from the internet.',
    },
  ];
}

function curl({ baseUrl, model, hasChatTemplate }: CallTarget): string {
  const [path, body] = hasChatTemplate
    ? ['chat/completions', { model, messages: [{ role: 'user', content: 'Hello' }] }]
    : ['completions', { model, prompt: 'Hello', max_tokens: 64 }];
  return [
    `curl ${baseUrl}/${path} \\`,
    `  -H "Authorization: Bearer $${KEY_VARIABLE}" \\`,
    '  -H "Content-Type: application/json" \\',
    `  -d '${JSON.stringify(body)}'`,
  ].join('\n');
}

function python({ baseUrl, model, hasChatTemplate }: CallTarget): string {
  const call = hasChatTemplate
    ? [
        'answer = client.chat.completions.create(',
        `    model="${model}",`,
        '    messages=[{"role": "user", "content": "Hello"}],',
        ')',
        'print(answer.choices[0].message.content)',
      ]
    : [
        `answer = client.completions.create(model="${model}", prompt="Hello", max_tokens=64)`,
        'print(answer.choices[0].text)',
      ];
  return [
    'import os',
    '',
    'from openai import OpenAI',
    '',
    `client = OpenAI(base_url="${baseUrl}", api_key=os.environ["${KEY_VARIABLE}"])`,
    ...call,
  ].join('\n');
}

function node({ baseUrl, model, hasChatTemplate }: CallTarget): string {
  const call = hasChatTemplate
    ? [
        'const answer = await client.chat.completions.create({',
        `  model: '${model}',`,
        "  messages: [{ role: 'user', content: 'Hello' }],",
        '});',
        'console.log(answer.choices[0].message.content);',
      ]
    : [
        `const answer = await client.completions.create({ model: '${model}', prompt: 'Hello', max_tokens: 64 });`,
        'console.log(answer.choices[0].text);',
      ];
  return [
    "import OpenAI from 'openai';",
    '',
    `const client = new OpenAI({ baseURL: '${baseUrl}', apiKey: process.env.${KEY_VARIABLE} });`,
    ...call,
  ].join('\n');
}

function continueYaml({ baseUrl, model }: CallTarget): string {
  return [
    'models:',
    `  - name: ${model}`,
    '    provider: openai',
    `    apiBase: ${baseUrl}`,
    '    apiKey: YOUR_KEY',
    `    model: ${model}`,
    '    roles: [chat, edit, apply]',
  ].join('\n');
}

function fields(rows: ReadonlyArray<readonly [name: string, value: string]>): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
