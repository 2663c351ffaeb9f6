import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP line to a server that can break, and that counts what goes over it. Bytes pass as they are: signatures stay valid. */
export class BreakableLine {
  sentBytes = 0;
  answers = 0;
  private breakAfterAnswers = Number.POSITIVE_INFINITY;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async to(target: { host: string; port: number }): Promise<BreakableLine> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const line = new BreakableLine(server, (server.address() as { port: number }).port);
    server.on('connection', (near) => line.join(near, connect(target)));
    return line;
  }

  /** It breaks when the server has given so many good answers, and stays broken. */
  breakAfter(answers: number): void {
    this.breakAfterAnswers = this.answers + answers;
  }

  mend(): void {
    this.breakAfterAnswers = Number.POSITIVE_INFINITY;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((done) => this.server.close(done));
  }

  private join(near: Socket, far: Socket): void {
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      // Either end going takes the other along; why it went is no concern of the line.
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    if (this.answers >= this.breakAfterAnswers) {
      near.destroy();
      return;
    }
    near.on('data', (chunk) => {
      this.sentBytes += chunk.length;
      if (!far.write(chunk)) near.pause();
    });
    far.on('drain', () => near.resume());
    far.on('data', (chunk) => {
      near.write(chunk);
      if (chunk.includes('HTTP/1.1 200')) this.answers++;
      if (this.answers >= this.breakAfterAnswers) this.cut();
    });
  }

  private cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}
