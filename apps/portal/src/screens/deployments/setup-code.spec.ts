import { describe, expect, it } from '@jest/globals';
import { editorSetups, programSetups } from './setup-code';

const target = { baseUrl: 'https://models.example/v1', model: 'ada/to-rust', hasChatTemplate: true };

describe('code that calls a deployment', () => {
  const everything = [...programSetups(target), ...editorSetups(target)];

  it.each(everything.map((setup) => [setup.name, setup.code]))('%s names the address and the model', (_name, code) => {
    expect(code).toContain('https://models.example/v1');
    expect(code).toContain('ada/to-rust');
  });

  it('holds a request body that is JSON', () => {
    const curl = programSetups(target)[0]?.code ?? '';
    const body = /-d '(.*)'$/s.exec(curl)?.[1] ?? '';
    expect(JSON.parse(body)).toEqual({ model: 'ada/to-rust', messages: [{ role: 'user', content: 'Hello' }] });
  });

  it('continues text where there is no chat template', () => {
    for (const { code } of programSetups({ ...target, hasChatTemplate: false })) {
      expect(code).not.toContain('chat');
      expect(code).toContain('completions');
    }
  });
});
