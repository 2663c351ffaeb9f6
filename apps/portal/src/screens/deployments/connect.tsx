import { KeyRound, MessagesSquare } from 'lucide-react';
import { paths } from '../../app';
import { Card, CodeTabs, CopyButton, Facts, LinkButton, Tabs } from '../../ui';
import { type CallTarget, editorSetups, programSetups } from './setup-code';

/** How an application or an editor calls the deployment. */
export function Connect({ model, hasChatTemplate }: { model: string; hasChatTemplate: boolean }) {
  const target: CallTarget = { baseUrl: `${location.origin}/v1`, model, hasChatTemplate };
  return (
    <Card
      title="Call it"
      description="Anything that speaks OpenAI's API works with these two and an API key."
      actions={
        <>
          <LinkButton small icon={KeyRound} to={paths.keys()} search={{ create: 'inference' } as never}>
            Create a key
          </LinkButton>
          <LinkButton small icon={MessagesSquare} to={paths.playground()} search={{ left: model } as never}>
            Playground
          </LinkButton>
        </>
      }
    >
      <Facts
        facts={[
          { label: 'Base URL', value: <Copied text={target.baseUrl} what="the base URL" /> },
          { label: 'Model', value: <Copied text={target.model} what="the model's name" /> },
        ]}
      />
      <Tabs
        label="What calls it"
        tabs={[
          {
            value: 'programs',
            label: 'Programs',
            content: <CodeTabs label="Language" variants={programSetups(target)} />,
          },
          { value: 'editors', label: 'Editors', content: <CodeTabs label="Editor" variants={editorSetups(target)} /> },
        ]}
      />
    </Card>
  );
}

function Copied({ text, what }: { text: string; what: string }) {
  return (
    <span className="flex min-w-0 items-center gap-1">
      <span className="min-w-0 font-mono text-sm break-all">{text}</span>
      <CopyButton text={text} what={what} />
    </span>
  );
}
