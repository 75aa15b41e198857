"""An HTTP server on the host that takes the reports of a run, and others that do not.

The guest reaches it at 10.0.2.2. `keep` puts each file where its path says, below the folder
`results` of the run, and never over another; the others are servers with something wrong.
"""

import http.server
import re
import shutil
import socket
import struct
import threading

from . import LabError

FOLDER = "results"
PREFIX = "/up"
FILE_MAX = 8 << 20
DEPTH_MAX = 8
SAFE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
START_OF_ANSWER = b"HTTP/1.1 201 Created\r\nContent-Le"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30  # for a client that says nothing

    def do_PUT(self):
        self.close_connection = True
        getattr(self, "answer_" + self.server.kind)()

    def answer_keep(self):
        words = self.path.removeprefix(PREFIX + "/").split("/")
        length = self.headers.get("Content-Length", "")
        if not self.path.startswith(PREFIX + "/") or len(words) > DEPTH_MAX or not all(
                SAFE.fullmatch(word) for word in words):
            return self.say(403)
        if not length.isdigit():
            return self.say(411)
        if int(length) > FILE_MAX:
            return self.say(413)
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            return self.say(400)
        path = self.server.folder.joinpath(*words)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "xb") as file:
                file.write(body)
        except OSError:
            return self.say(409)
        return self.say(201)

    def answer_500(self):
        self.body()
        self.say(500)

    def answer_hang(self):
        """Until the guest has had enough."""
        self.body()
        self.rfile.read(1)

    def answer_truncate(self):
        self.body()
        self.wfile.write(START_OF_ANSWER)

    def answer_vanish(self):
        """Ends the connection with the first bytes of the body unread."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def body(self):
        self.rfile.read(min(int(self.headers.get("Content-Length", 0)), FILE_MAX))

    def say(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *_arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, _request, _address):
        pass  # a guest that goes away


class Receiver:
    """Listens on a port of its own choice from its making on."""

    def __init__(self, kind, out):
        self.folder = out / FOLDER
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            self.server = Server(("127.0.0.1", 0), Handler)
        except OSError as error:
            raise LabError(f"no HTTP server: {error}") from None
        self.server.kind, self.server.folder = kind, self.folder
        self.url = f"http://10.0.2.2:{self.server.server_port}{PREFIX}"

    def start(self, _work, _preexec):
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Refuser(Receiver):
    """Its port is found free and closed again."""

    def start(self, _work, _preexec):
        self.server.server_close()

    def close(self):
        pass


KINDS = ("keep", "refuse", "hang", "truncate", "vanish", "500")


def receiver(kind, out):
    if not kind:
        return None
    return (Refuser if kind == "refuse" else Receiver)(kind, out)
