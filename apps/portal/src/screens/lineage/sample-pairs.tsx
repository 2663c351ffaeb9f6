import { paths } from '../../app';
import { TextLink } from '../../ui';
import type { PickedCheckpoint } from './documents';

/** What two fork points answered to the same prompts, side by side. */
export function SamplePairs({ left, right }: { left: PickedCheckpoint; right: PickedCheckpoint }) {
  const pairs = left.samples.flatMap((sample) => {
    const other = right.samples.find(({ prompt }) => prompt === sample.prompt);
    return other ? [{ prompt: sample.prompt, outputs: [sample.output, other.output] }] : [];
  });
  if (pairs.length === 0)
    return (
      <p className="text-ink-soft">
        The lab attached no answers of both to the same prompt. Ask both the same instead.
      </p>
    );
  return (
    <section aria-label="Sample outputs" className="flex flex-col gap-3">
      <h3 className="font-medium">Sample outputs</h3>
      <ul className="flex flex-col gap-4">
        {pairs.map(({ prompt, outputs }) => (
          <li key={prompt} className="flex flex-col gap-2">
            <p className="font-mono text-sm break-words text-ink-soft">{prompt}</p>
            <div className="grid gap-3 md:grid-cols-2">
              {[left, right].map(({ id, name }, side) => (
                <figure key={id} className="min-w-0 rounded-md border border-line p-3">
                  <figcaption className="text-sm text-ink-faint">
                    <TextLink to={paths.model(name)}>{name}</TextLink>
                  </figcaption>
                  <Output text={outputs[side] ?? ''} />
                </figure>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Output({ text }: { text: string }) {
  if (text.trim() === '') return <p className="text-ink-faint">Nothing</p>;
  return <pre className="font-mono text-sm break-words whitespace-pre-wrap">{text}</pre>;
}
