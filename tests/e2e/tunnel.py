"""A proxy that leads everybody who asks for the plan's hosts to its stand-in on loopback, and nobody anywhere else."""

import contextlib
import selectors
import socket
import socketserver
import threading

_HOSTS = frozenset({"coding-intl.dashscope.aliyuncs.com:443", "coding.dashscope.aliyuncs.com:443"})


class Tunnel:
    """Answers CONNECT; for programs that take HTTPS_PROXY and no NODE_OPTIONS."""

    def __init__(self, port: int) -> None:
        self._server = _Server(("127.0.0.1", 0), type("Connection", (_Connection,), {"port": port}))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


class _Connection(socketserver.StreamRequestHandler):
    port: int
    rbufsize = 0  # what follows the headers belongs to the other end

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            words = self.rfile.readline().decode("ascii", "replace").split()
            while self.rfile.readline().strip():
                pass
            if words[:1] != ["CONNECT"] or words[1] not in _HOSTS:
                self.wfile.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", self.port)) as there:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _join(self.connection, there)


def _join(here: socket.socket, there: socket.socket) -> None:
    """Pass on what either says until one of them hangs up."""
    with selectors.DefaultSelector() as selector:
        selector.register(here, selectors.EVENT_READ, there)
        selector.register(there, selectors.EVENT_READ, here)
        while True:
            for key, _ in selector.select():
                data = key.fileobj.recv(65536) if isinstance(key.fileobj, socket.socket) else b""
                if not data:
                    return
                key.data.sendall(data)
