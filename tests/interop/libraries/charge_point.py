"""Boots a charge point with the `ocpp` package, in the version that the server
selects of those offered, and reports the server's answer:

    .venv/bin/python libraries/charge_point.py ws://127.0.0.1:3000/ocpp ocpp2.0.1 ocpp1.6
"""

import asyncio
import json
import sys

from ocpp import v16, v201
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake

url, *names = sys.argv[1:]


async def boot(socket):
    if socket.subprotocol == "ocpp1.6":
        point = v16.ChargePoint("CP-1", socket)
        request = v16.call.BootNotification(charge_point_model="M", charge_point_vendor="V")
    else:
        point = v201.ChargePoint("CP-1", socket)
        station = {"model": "M", "vendor_name": "V"}
        request = v201.call.BootNotification(charging_station=station, reason="PowerUp")
    listener = asyncio.create_task(point.start())
    answer = await point.call(request)
    listener.cancel()
    return {"selected": socket.subprotocol, "status": answer.status}


async def main():
    try:
        async with connect(url, subprotocols=names) as socket:
            return await boot(socket)
    except InvalidHandshake as error:
        return {"error": str(error)}


print(json.dumps(asyncio.run(main())))
