"""Runs a command in a pod with the `kubernetes` package, writes `hello` to its standard
input, and reports what comes from its standard output. The token is in `Authorization`,
where the package puts it, or among the offers, where pages put it:

    .venv/bin/python libraries/pod.py ws://127.0.0.1:3000/kubernetes open.sesame offers
"""

import base64
import json
import sys

from kubernetes.client import ApiClient, ApiException, Configuration, CoreV1Api
from kubernetes.stream import stream

url, token, place = sys.argv[1:]

configuration = Configuration(host=url.replace("ws", "http", 1))
client = ApiClient(configuration)
if place == "offers":
    encoded = base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")
    names = f"v5.channel.k8s.io,base64url.bearer.authorization.k8s.io.{encoded}"
    client.set_default_header("sec-websocket-protocol", names)
else:
    configuration.api_key["authorization"] = f"Bearer {token}"

try:
    pod = stream(
        CoreV1Api(client).connect_get_namespaced_pod_exec,
        "pod",
        "default",
        command=["cat"],
        stdin=True,
        stdout=True,
        _preload_content=False,
    )
    pod.write_stdin("hello")
    report = {"selected": pod.subprotocol, "delivered": pod.read_stdout(timeout=10)}
except ApiException as error:
    report = {"error": error.reason}
print(json.dumps(report))
