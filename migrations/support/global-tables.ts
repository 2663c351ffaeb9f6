/** Tables without an organization of their own, each with the reason why. Every other table is tenant data. */
export const GLOBAL_TABLES: Readonly<Record<string, string>> = {
  migrations: 'which migrations ran; granted to nobody but the owner',
  sign_in_throttles: 'attempts to sign in, under keyed hashes, before it is known who it is',
  engine_hosts: "the lab's serving machinery, for its operators: what each machine may use",
  engines: "the lab's serving machinery; tenants see the engines of checkpoints that they see",
  engine_adapters: "the lab's serving machinery; tenants see the adapters of checkpoints that they see",
  model_demand: 'which checkpoints are wanted, for the engine pool alone',
  tokenizer_tokens: 'the special tokens of a tokenizer, by its content',
  payment_events: 'what the payment provider told, before it is known whom it is about',
  usage_recorders: 'the processes that record usage',
};
