"""A web server for tests, on a free port of 127.0.0.1: it answers what a function says, and remembers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(kw_only=True)
class Said:
    """One answer; `drip` sends the body byte by byte, so many seconds apart; `cut` ends it early."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0
    cut: bool = False


class WebServer:
    """Answers with `answer(asked)`; may be given another function at any time."""

    def __init__(self, answer: Callable[[Asked], Said]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.ending = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def run(self) -> None:
        """Serve until `end`."""
        self._server.serve_forever(poll_interval=0.02)

    def end(self) -> None:
        """Answer nobody any more."""
        self.ending.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                url = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                asked = Asked(
                    method=self.command,
                    path=url.path,
                    query=url.query,
                    headers=dict(self.headers),
                    body=self.rfile.read(length),
                )
                outer.asked.append(asked)
                said = outer.answer(asked)
                body = said.body.encode() if isinstance(said.body, str) else said.body
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body) + said.cut))
                self.end_headers()
                if not said.drip:
                    self.wfile.write(body)
                    return
                for byte in body:
                    if outer.ending.wait(said.drip):
                        return
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

            def log_message(self, format: str, *words: object) -> None:
                """Print nothing."""

        return Handler


@contextmanager
def serving(answer: Callable[[Asked], Said]) -> Iterator[WebServer]:
    """A server for the length of the block."""
    server = WebServer(answer)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.end()
        thread.join()


def silent(server: WebServer) -> Callable[[Asked], Said]:
    """An answer that never comes, until the server ends."""

    def wait(asked: Asked) -> Said:
        server.ending.wait(60)
        return Said()

    return wait
