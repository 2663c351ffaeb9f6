/** What any operator knows: where the platform is, and who may sign in there. */
function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: \`npm start\` sets it, or see infra/seed/README.md.`);
  return value;
}

export const settings = {
  origin: required('FORKPOINT_ORIGIN'),
  administrator: { email: required('FORKPOINT_ADMIN_EMAIL'), password: required('FORKPOINT_ADMIN_PASSWORD') },
  operator: { email: required('FORKPOINT_OPERATOR_EMAIL'), password: required('FORKPOINT_OPERATOR_PASSWORD') },
  /** The folder that forkpoint_trainer.lineage made. */
  lineage: required('FORKPOINT_LINEAGE'),
  /** Where to write what others need: keys, users, checkpoints. */
  result: required('FORKPOINT_SEED_RESULT'),
};
