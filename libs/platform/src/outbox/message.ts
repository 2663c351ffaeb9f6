import type { MessagePayload, MessageType } from '#libs/messages';

/** A message as its handler gets it. */
export interface Message<T extends MessageType = MessageType> {
  id: string;
  type: T;
  /** Of the payload's shape as it was published; the payload has passed the present schema of its type. */
  version: number;
  payload: MessagePayload<T>;
  organizationId: string;
  key: string | null;
  createdAt: Date;
  /** 1 the first time. */
  attempt: number;
}
