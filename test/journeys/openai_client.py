"""The official Python client, unmodified: from a file to an answer. Prints what it saw as JSON; the journey that runs it judges."""

import json
import sys
import time

from openai import NotFoundError, OpenAI

training_file, model = sys.argv[1:3]
client = OpenAI(max_retries=8)
seen: dict[str, object] = {}

with open(training_file, "rb") as source:
    file = client.files.create(file=source, purpose="fine-tune")
seen["file"] = [file.object, file.status, client.files.retrieve(file.id).bytes == file.bytes]

job = client.fine_tuning.jobs.create(
    model=model,
    training_file=file.id,
    suffix="python",
    seed=5,
    method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 1}}},
)
while job.status not in ("succeeded", "failed", "cancelled"):
    time.sleep(1)
    job = client.fine_tuning.jobs.retrieve(job.id)
seen["status"] = job.status
seen["error"] = job.error.message if job.error else None
seen["listed"] = job.id in [listed.id for listed in client.fine_tuning.jobs.list(limit=10)]
seen["events"] = len(client.fine_tuning.jobs.list_events(job.id, limit=50).data)
seen["checkpoints"] = [saved.step_number for saved in client.fine_tuning.jobs.checkpoints.list(job.id)]

question = [{"role": "user", "content": "Rust: Valve_Limit : constant Natural := 42;"}]
chunks = client.chat.completions.create(model=job.fine_tuned_model, messages=question, max_tokens=60, temperature=0, stream=True)
seen["answer"] = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
seen["models"] = job.fine_tuned_model in [listed.id for listed in client.models.list()]
try:
    client.models.retrieve("no-such-model")
except NotFoundError as error:
    seen["not_found"] = [error.code, bool(error.request_id)]
print(json.dumps(seen))
