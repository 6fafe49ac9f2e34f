"""`websockets` on Python: see main.rs."""

import asyncio
import platform
from http import HTTPStatus

import websockets
from websockets.asyncio.server import serve


def only_chat(connection, request):
    if request.path != "/chat":
        return connection.respond(HTTPStatus.NOT_FOUND, "not found\n")


async def leave(connection):
    connection.transport.abort()


async def main():
    async with serve(
        leave,
        "127.0.0.1",
        0,
        subprotocols=["chat.v2", "chat.v1"],
        process_request=only_chat,
    ) as server:
        address, port = server.sockets[0].getsockname()
        title = f"websockets {websockets.__version__} on Python {platform.python_version()}"
        print(f"{address}:{port} {title}", flush=True)
        await server.serve_forever()


asyncio.run(main())
