"""A proxy on loopback that leads the vendor's hosts to the stand-in of a test, and nobody anywhere else.

For programs that are no Node scripts: loopback_only.cjs cannot get into them, but they honour HTTPS_PROXY.
"""

import contextlib
import re
import socket
import threading
from socketserver import StreamRequestHandler, ThreadingTCPServer

_VENDOR = re.compile(r"CONNECT (?:coding|coding-intl)\.dashscope\.aliyuncs\.com:443 ")


class Tunnel:
    """Answers CONNECT for the plan's hosts with a connection to a port of this machine, everything else with 403."""

    def __init__(self, port: int) -> None:
        self.refused: list[str] = []
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"port": port, "tunnel": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Handler(StreamRequestHandler):
    port: int
    tunnel: Tunnel

    def handle(self) -> None:
        asked = self.rfile.readline(4096).decode("latin-1")
        while self.rfile.readline(4096).strip():
            pass
        if not _VENDOR.match(asked):
            self.tunnel.refused.append(asked.strip())
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self.port)) as there:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(there, self.connection), daemon=True)
            back.start()
            _pump(self.connection, there)
            back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
