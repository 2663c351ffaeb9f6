import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to PostgreSQL that can be cut, and that can fall silent as a partitioned network does. */
export class Tunnel {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private state: 'open' | 'cut' | 'silent' = 'open';

  private constructor(private readonly target: URL) {
    this.server = createServer((near) => this.accept(near));
  }

  static async to(url: string): Promise<Tunnel> {
    const tunnel = new Tunnel(new URL(url));
    await new Promise<void>((resolve) => tunnel.server.listen(0, '127.0.0.1', resolve));
    return tunnel;
  }

  /** A URL of the same server that leads through it. */
  leadingTo(target: string): string {
    const url = new URL(target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  open(): void {
    // What was silent does not speak again in the middle of a sentence.
    this.drop();
    this.state = 'open';
  }

  cut(): void {
    this.state = 'cut';
    this.drop();
  }

  silence(): void {
    this.state = 'silent';
    for (const socket of this.sockets) socket.pause();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private accept(near: Socket): void {
    if (this.state === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(Number(this.target.port), this.target.hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
      socket.on('data', (data) => other.write(data));
      if (this.state === 'silent') socket.pause();
    }
  }
}
