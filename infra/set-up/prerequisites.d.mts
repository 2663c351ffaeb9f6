export interface Finding {
  subject: string;
  state: 'ok' | 'warning' | 'missing';
  found: string;
  mend?: string;
}

export function platformPorts(base: number): number[];
