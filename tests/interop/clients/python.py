"""Offers the arguments after the URL, one header line for each, with the
`websockets` package, and reports one line of JSON:

    .venv/bin/python clients/python.py ws://127.0.0.1:3000/chat 'chat.v9, chat.v1' chat.v2
"""

import json
import sys

from websockets.exceptions import InvalidHandshake
from websockets.sync.client import ClientConnection, connect

url, *lines = sys.argv[1:]
names = [name for line in lines for name in line.split(", ")]


class LineByLine(ClientConnection):
    """The package would put all names on one line."""

    def __init__(self, sock, protocol, **options):
        send_request = protocol.send_request

        def send_lines(request):
            del request.headers["Sec-WebSocket-Protocol"]
            for line in lines:
                request.headers["Sec-WebSocket-Protocol"] = line
            send_request(request)

        protocol.send_request = send_lines
        super().__init__(sock, protocol, **options)


try:
    with connect(
        url,
        subprotocols=names or None,
        create_connection=LineByLine if len(lines) > 1 else None,
    ) as socket:
        socket.send("hello")
        report = {"selected": socket.subprotocol, "said": socket.recv()}
except InvalidHandshake as error:
    report = {"error": f"{type(error).__name__}: {error}"}
print(json.dumps(report))
