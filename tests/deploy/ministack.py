"""A local AWS that nobody here wrote, on a port of its own, with IAM enforced."""

import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

REGION = "eu-west-1"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Ministack:
    """What functions call goes through `seen_by`, an address that records it."""

    def __init__(self, log, port, seen_by):
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        environment = {
            **os.environ,
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "0",
            "AUTH": "true",
            "AWS_ENDPOINT_URL": seen_by,
            "AWS_DEFAULT_REGION": REGION,
        }
        binary = pathlib.Path(sys.executable).parent / "ministack"
        self.log = log
        with open(log, "wb") as out:
            self.process = subprocess.Popen([binary], env=environment, stdout=out, stderr=out)
        self._wait()

    def _wait(self):
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=2).read()
                return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.25)
        raise AssertionError("ministack does not answer\n" + self.log.read_text())

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def functions(self):
        """The running functions: name -> environment of the process."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                raw = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
            except OSError:
                continue
            pairs = (pair.split("=", 1) for pair in raw.decode(errors="replace").split("\0"))
            environment = dict(pair for pair in pairs if len(pair) == 2)
            ours = environment.get("GATEWAY_PORT") == str(self.port)
            if ours and "AWS_LAMBDA_RUNTIME_API" in environment:
                found[environment["AWS_LAMBDA_FUNCTION_NAME"]] = environment
        return found
